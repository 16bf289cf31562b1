internal import MigrationFiles

/// Something that a migration removes: a table, a column, rows, values, an object or a safeguard.
package struct Loss: Sendable, Equatable {
  /// The number of rows or values that are lost, as far as it is known.
  package enum Count: Sendable, Equatable {
    /// Nothing is counted, because the object has no rows: a function, a policy.
    case none
    /// The exact number of rows or values.
    case exactly(Int)
    /// The server's estimate of the number, because counting took too long.
    case about(Int)
    /// The number is not known, because the role may not read or see every row.
    case unknown
  }

  /// The kind of a loss, which decides what is counted.
  package enum Kind: String, Sendable {
    /// A table, a partition or a materialized view, with all of its rows.
    case table
    /// A column, with all of its values that are not null.
    case column
    /// Rows of a table that still exists.
    case rows
    /// Values in a table that still exists; the number of rows with overwritten values is counted.
    case values
    /// Any object without rows of its own.
    case object
    /// An object that keeps its name and gets another meaning: another definition of a safeguard,
    /// or another position of a sequence.
    case meaning
  }

  /// The name that the operator types to allow the loss: `public.posts`, `policy p on
  /// public.posts`.
  package let name: String
  /// The kind of the loss.
  package let kind: Kind
  /// The number of rows or values that are lost.
  package let count: Count
  /// Further facts, such as the number of values before and after; nil where there are none.
  package var detail: String?
}

extension Loss {
  /// Adds a loss of the same name that the migration causes later, in another transaction.
  ///
  /// - Parameter isTotal: true where the later count includes everything that was lost since the
  ///   migration began.
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
  /// The number of rows or values; nil where nothing is counted or the number is not known.
  var number: Int? {
    switch self {
    case .exactly(let number), .about(let number): number
    case .none, .unknown: nil
    }
  }

  fileprivate var isEstimate: Bool { if case .about = self { true } else { false } }
}

/// A part of a migration whose losses cannot be known before it runs.
package struct UnknownLoss: Sendable, Equatable {
  /// The name that the operator types to allow the unknown losses: `unknown 0003_optimize`.
  package let name: String
  /// The reason why the losses are not known.
  package let reason: String
}

/// An object that gets another definition under the same name.
package struct Redefinition: Sendable, Equatable {
  /// The name that the operator sees: `definition of view public.titles`.
  package let name: String
  /// The definition before the migration, as the server writes it; nil where it is not shown.
  package let before: String?
  /// The definition after the migration; nil where it is not shown.
  package let after: String?
  /// True where the object protects data, so that changing its definition is a loss.
  package let isSafeguard: Bool

  /// The two definitions on one line, shortened; nil where they are not shown.
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
    /// The objects that get another definition without a loss, so that no permission is needed.
    package var changes: [Redefinition] = []
    /// The parts whose losses cannot be known.
    package var unknown: [UnknownLoss] = []
  }

  /// The migrations that cause losses or may cause them.
  package var entries: [Entry] = []
  /// The tables that the live run has to examine in the same way as the trial.
  var forecast = LossForecast()

  /// The losses of all migrations; each name appears once.
  package var losses: [Loss] {
    var seen: Set<String> = []
    return entries.flatMap(\.losses).filter { seen.insert($0.name).inserted }
  }

  /// The unknown losses of all migrations; each name appears once.
  package var unknown: [UnknownLoss] {
    var seen: Set<String> = []
    return entries.flatMap(\.unknown).filter { seen.insert($0.name).inserted }
  }

  /// The names that the operator has to allow before the run; each name appears once.
  package var names: [String] { losses.map(\.name) + unknown.map(\.name) }

  /// Changes the entry of a step; a missing entry is added first.
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

/// The losses that the operator allows a run to cause.
package enum LossAllowance: Sendable, Equatable {
  /// All losses are allowed.
  case everything
  /// Only the losses with these names are allowed; the losses in the preview are checked again
  /// before each COMMIT.
  case named(Set<String>, LossPreview)
}

extension SchemaPlan.Step {
  /// Returns true where both steps apply, or both undo, the same migration.
  func isSame(as other: Self) -> Bool { isUp == other.isUp && version == other.version }

  /// The name that the operator types to allow the unknown losses of this step.
  var unknownName: String { "unknown \(label)" }

  /// The migration's name, or its version if it has no file.
  var label: String { migration?.fullName ?? version }
}
