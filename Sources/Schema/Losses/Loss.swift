internal import MigrationFiles

/// Something that a migration removes: a table, a column, rows, values, an object or a safeguard.
package struct Loss: Sendable, Equatable {
  /// How many rows or values are lost.
  package enum Count: Sendable, Equatable {
    /// No count, because the object has no rows: a function, a policy.
    case none
    /// An exact number of rows or values.
    case exactly(Int)
    /// The server's estimate, because counting took too long.
    case about(Int)
    /// No number, because the role may not read or see every row.
    case unknown
  }

  /// The kind of a loss, which decides what is counted.
  package enum Kind: String, Sendable {
    /// A table, a partition or a view with rows, and all of its rows.
    case table
    /// A column, and its values that are not null.
    case column
    /// Rows of a table that is kept.
    case rows
    /// Values of a table that is kept; the count is that of the overwritten rows.
    case values
    /// Any object without rows of its own.
    case object
    /// A new meaning of an object that keeps its name: the definition of a safeguard, or the
    /// position of a sequence.
    case meaning
  }

  /// The name that the operator types to allow the loss: `public.posts`, `policy p on
  /// public.posts`.
  package let name: String
  /// The kind of the loss.
  package let kind: Kind
  /// How many rows or values are lost.
  package let count: Count
  /// Further facts, such as the number of values before and after; nil where there are none.
  package var detail: String?
}

extension Loss {
  /// Adds a loss of the same name that a later unit of the migration causes.
  ///
  /// - Parameter isTotal: true where the later count includes everything lost since the migration
  ///   began.
  mutating func add(_ later: Loss, isTotal: Bool) {
    let isEstimate = count.isEstimate || later.count.isEstimate
    switch (count, later.count) {
    case (.unknown, _), (_, .unknown):
      self = Loss(name: name, kind: kind, count: .unknown, detail: detail ?? later.detail)
    default:
      guard let first = count.number, let second = later.count.number else { return }
      let sum = isTotal || kind != .rows ? max(first, second) : first + second
      self = Loss(
        name: name, kind: kind, count: isEstimate ? .about(sum) : .exactly(sum),
        detail: detail ?? later.detail)
    }
  }
}

extension Loss.Count {
  /// The number of rows or values; nil where none was counted.
  var number: Int? {
    switch self {
    case .exactly(let number), .about(let number): number
    case .none, .unknown: nil
    }
  }

  fileprivate var isEstimate: Bool { if case .about = self { true } else { false } }
}

/// A part of a plan whose losses cannot be known in advance.
package struct UnknownLoss: Sendable, Equatable {
  /// The name that the operator types to allow the unknown losses: `unknown 0003_optimize`.
  package let name: String
  /// The reason why the losses are not known.
  package let reason: String
}

/// An object that gets another definition under the same name.
package struct Redefinition: Sendable, Equatable {
  /// The name of the definition: `definition of view public.titles`.
  package let name: String
  /// The definition before, as the server writes it; nil where it is too long to show.
  package let before: String?
  /// The definition after; nil where it is too long to show.
  package let after: String?
  /// True where the object protects something, so that another definition is a loss.
  package let isSafeguard: Bool

  /// Both definitions on one line; nil where they are not shown.
  package var detail: String? {
    guard let before, let after else { return nil }
    return "\(Self.short(before)) before, \(Self.short(after)) after"
  }

  var asLoss: Loss { Loss(name: name, kind: .meaning, count: .none, detail: detail) }

  private static func short(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 200 ? line.prefix(199) + "…" : line
  }
}

/// The losses that a plan causes, found by a trial.
package struct LossPreview: Sendable, Equatable {
  /// The losses of one migration.
  package struct Entry: Sendable, Equatable {
    /// The migration that causes the losses.
    package let step: SchemaPlan.Step
    /// The losses, in the order of the statements.
    package var losses: [Loss] = []
    /// The objects that get another definition, and that need no permission.
    package var changes: [Redefinition] = []
    /// The losses that cannot be known.
    package var unknown: [UnknownLoss] = []
  }

  /// The migrations that cause losses or may cause them.
  package var entries: [Entry] = []
  /// The checks that the live run has to make again.
  var forecast = LossForecast()

  /// The losses of all migrations, each once.
  package var losses: [Loss] {
    var seen: Set<String> = []
    return entries.flatMap(\.losses).filter { seen.insert($0.name).inserted }
  }

  /// All losses that cannot be known, each once.
  package var unknown: [UnknownLoss] {
    var seen: Set<String> = []
    return entries.flatMap(\.unknown).filter { seen.insert($0.name).inserted }
  }

  /// The names that the operator has to allow, each once.
  package var names: [String] { losses.map(\.name) + unknown.map(\.name) }

  /// Changes the entry of a step, which is added if there is none.
  mutating func entry(of step: SchemaPlan.Step, _ change: (inout Entry) -> Void) {
    if let index = entries.firstIndex(where: { $0.step.isSame(as: step) }) {
      change(&entries[index])
    } else {
      var entry = Entry(step: step)
      change(&entry)
      entries.append(entry)
    }
  }
}

/// The losses that a run may cause.
package enum LossAllowance: Sendable, Equatable {
  /// All losses are allowed.
  case everything
  /// Only the losses with these names are allowed; the values in the preview are checked again
  /// before each COMMIT.
  case named(Set<String>, LossPreview)
}

extension SchemaPlan.Step {
  /// True for the same migration in the same direction.
  func isSame(as other: Self) -> Bool { isUp == other.isUp && version == other.version }

  /// The name that allows the losses of this step which cannot be known.
  var unknownName: String { "unknown \(label)" }

  /// The migration's name, or its version if it has no file.
  var label: String { migration?.fullName ?? version }
}
