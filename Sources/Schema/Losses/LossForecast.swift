internal import SQLText
internal import MigrationFiles

/// How a trial examined the rows of tables, so that the live run examines them in the same way.
struct LossForecast: Sendable, Equatable {
  /// A part of a plan that commits as a whole.
  struct Unit: Hashable, Sendable {
    let isUp: Bool
    let version: String
    /// The number of the unit's last statement.
    let end: Int

    init(_ step: SchemaPlan.Step, end: Int) {
      isUp = step.isUp
      version = step.version
      self.end = end
    }
  }

  /// How a table was examined.
  struct Look: Sendable, Equatable {
    /// The columns whose values were compared, by number; nil where rows alone were counted.
    let columns: [Int]?
    /// How the columns were compared whose type changes.
    let casts: [Int: MeasureMethod.Cast]
    /// False where the server had not counted the changes of the table's rows.
    let isCounted: Bool
    /// True where rows still exist that the server has counted as deleted.
    var hasMiscount = false

    /// True where no other session may write to the table between the first and the last check.
    var needsLock: Bool { columns != nil || hasMiscount }

    init(_ method: MeasureMethod?, isCounted: Bool) {
      self.isCounted = isCounted
      columns = method?.columns.map(\.key.part)
      casts = method?.casts ?? [:]
    }
  }

  private var tables: [Unit: [Int: Look]] = [:]
  /// The names of definitions that are stored in another form than before, but mean the same.
  var sameDefinitions: Set<String> = []

  /// Records how a table that a unit has changed was examined.
  mutating func note(
    _ table: Int, in unit: Unit, by method: MeasureMethod?, isCounted: Bool
  ) {
    tables[unit, default: [:]][table] = Look(method, isCounted: isCounted)
  }

  /// Records that a table has more rows than the server's counts say.
  mutating func noteMiscount(_ table: Int, in unit: Unit) {
    var look = self[unit][table] ?? Look(nil, isCounted: true)
    look.hasMiscount = true
    tables[unit, default: [:]][table] = look
  }

  /// The tables that a unit has changed, and how each was examined.
  subscript(unit: Unit) -> [Int: Look] { tables[unit] ?? [:] }
}

extension MigrationSection {
  /// True where a statement may change the role and not set it back.
  var mayChangeRole: Bool {
    let words = text.uppercased()
    return words.contains("ROLE") || words.contains("AUTHORIZATION")
  }

  /// True where the section installs a part of the program's own schema.
  var installsOwnSchema: Bool { statements.contains { $0.part != nil } }

  /// For each statement, the number of the last statement that commits together with it.
  var unitEnds: [Int] {
    var ends = Array(statements.indices)
    switch mode {
    case .eachAlone: break
    case .oneTransaction:
      for index in ends.indices { ends[index] = statements.count - 1 }
    case .itsOwn:
      var opening: Int?
      for (index, statement) in statements.enumerated() {
        let form = statement.form
        if form == .begin { opening = opening ?? index }
        guard let start = opening, form == .commit || form == .rollback || index == ends.count - 1
        else { continue }
        for inside in start...index { ends[inside] = index }
        opening = nil
      }
    }
    return ends
  }
}
