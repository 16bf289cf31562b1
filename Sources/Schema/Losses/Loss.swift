internal import MigrationFiles

/// Something that a migration takes away: a table, a column, rows, values, an object, a safeguard.
package struct Loss: Sendable, Equatable {
  /// How many rows or values go with it.
  package enum Count: Sendable, Equatable {
    /// Nothing is counted: a function, a policy.
    case none
    /// So many.
    case exactly(Int)
    /// So many by the server's estimate; counting took too long.
    case about(Int)
    /// Nobody could count: the role may not read, or does not see, every row.
    case unknown
  }

  /// What the count is of.
  package enum Kind: String, Sendable {
    /// A table, view with rows, or partition, with its rows.
    case table
    /// A column with its values that are not null.
    case column
    /// Rows of a table that stays.
    case rows
    /// Values of a table that stays: overwritten in so many rows.
    case values
    /// Anything without rows of its own.
    case object
    /// What something means that stays under its name: a safeguard's definition, where a sequence
    /// stands.
    case meaning
  }

  /// What the operator types to allow it: `public.posts`, `policy p on public.posts`.
  package let name: String
  /// What it is.
  package let kind: Kind
  /// What goes with it.
  package let count: Count
  /// What else is to be said, such as how many values there are before and after.
  package var detail: String?
}

extension Loss {
  /// Adds what a later unit of the same migration takes under this name.
  ///
  /// - Parameter isTotal: the later count is of all that has gone since the beginning.
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
  /// The number, where there is one.
  var number: Int? {
    switch self {
    case .exactly(let number), .about(let number): number
    case .none, .unknown: nil
    }
  }

  fileprivate var isEstimate: Bool { if case .about = self { true } else { false } }
}

/// A part of a plan of which nobody knows beforehand what it takes away.
package struct UnknownLoss: Sendable, Equatable {
  /// What the operator types to allow it: `unknown 0003_optimize`.
  package let name: String
  /// Why it is not known.
  package let reason: String
}

/// An object that has another definition under the same name.
package struct Redefinition: Sendable, Equatable {
  /// What it is called: `definition of view public.titles`.
  package let name: String
  /// Both definitions, as the server writes them; nil where they are too long to tell.
  package let before: String?
  /// The one that it gets.
  package let after: String?
  /// True where it keeps something from happening, so that it is a loss.
  package let isSafeguard: Bool

  /// What it was and becomes, on one line; nil where that is not told.
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

/// What a plan takes away, found by trying it.
package struct LossPreview: Sendable, Equatable {
  /// What one migration takes away.
  package struct Entry: Sendable, Equatable {
    /// The migration.
    package let step: SchemaPlan.Step
    /// What goes, in the order of its statements.
    package var losses: [Loss] = []
    /// What means something else than before under its name, and needs no leave.
    package var changes: [Redefinition] = []
    /// What is not known.
    package var unknown: [UnknownLoss] = []
  }

  /// The migrations that take something away, or may.
  package var entries: [Entry] = []
  /// What the live run has to look at again.
  var forecast = LossForecast()

  /// Everything that goes, each once.
  package var losses: [Loss] {
    var seen: Set<String> = []
    return entries.flatMap(\.losses).filter { seen.insert($0.name).inserted }
  }

  /// Everything that is not known, each once.
  package var unknown: [UnknownLoss] {
    var seen: Set<String> = []
    return entries.flatMap(\.unknown).filter { seen.insert($0.name).inserted }
  }

  /// The names to allow, each once.
  package var names: [String] { losses.map(\.name) + unknown.map(\.name) }

  /// The entry of a step, made where it is not there yet.
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

/// What a run may take away.
package enum LossAllowance: Sendable, Equatable {
  /// Whatever the statements take.
  case everything
  /// These names and no others; what a preview has claimed is looked at again before each COMMIT.
  case named(Set<String>, LossPreview)
}

extension SchemaPlan.Step {
  /// True for the same migration on the same way.
  func isSame(as other: Self) -> Bool { isUp == other.isUp && version == other.version }

  /// The name under which what is not known of it is allowed.
  var unknownName: String { "unknown \(label)" }

  /// The migration's name, or its version where it has no file.
  var label: String { migration?.fullName ?? version }
}
