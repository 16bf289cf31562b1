internal import SQLText
internal import MigrationFiles

/// The way in which a trial examined the rows of each table; the live run examines them in the same
/// way.
struct LossForecast: Sendable, Equatable {
  /// A part of a plan that is committed as a whole.
  struct Unit: Hashable, Sendable {
    let isUp: Bool
    let version: String
    /// The index of the unit's last statement in the section.
    let end: Int

    init(_ step: SchemaPlan.Step, end: Int) {
      isUp = step.isUp
      version = step.version
      self.end = end
    }
  }

  /// The way in which the rows of one table were examined.
  struct Look: Sendable, Equatable {
    /// The numbers of the columns whose values were compared; nil where rows were only counted.
    let columns: [Int]?
    /// The common types in which columns are compared whose type has changed, by the column's
    /// number.
    let casts: [Int: MeasureMethod.Cast]
    /// False where the server had not counted all changes of the table's rows.
    let isCounted: Bool
    /// True where the server has counted rows as deleted that still exist.
    var hasMiscount = false

    /// True where the table must be locked against writers of other sessions between the first and
    /// the last check.
    var needsLock: Bool { columns != nil || hasMiscount }

    init(_ method: MeasureMethod?, isCounted: Bool) {
      self.isCounted = isCounted
      columns = method?.columns.map(\.key.part)
      casts = method?.casts ?? [:]
    }
  }

  private var tables: [Unit: [Int: Look]] = [:]
  /// The names of definitions whose stored form has changed while their text is the same.
  var sameDefinitions: Set<String> = []

  /// Records the way in which a table was examined after a unit had changed it.
  mutating func note(
    _ table: Int, in unit: Unit, by method: MeasureMethod?, isCounted: Bool
  ) {
    tables[unit, default: [:]][table] = Look(method, isCounted: isCounted)
  }

  /// Records that the server has counted rows of a table as deleted that still exist.
  mutating func noteMiscount(_ table: Int, in unit: Unit) {
    var look = self[unit][table] ?? Look(nil, isCounted: true)
    look.hasMiscount = true
    tables[unit, default: [:]][table] = look
  }

  /// The tables that a unit has changed, each with the way in which it was examined.
  subscript(unit: Unit) -> [Int: Look] { tables[unit] ?? [:] }
}

extension MigrationSection {
  /// True where a statement of the section may set a role and leave it set.
  var mayChangeRole: Bool {
    let words = text.uppercased()
    return words.contains("ROLE") || words.contains("AUTHORIZATION")
  }

  /// True where the section installs a part of the program's own schema.
  var installsOwnSchema: Bool { statements.contains { $0.part != nil } }

  /// The index of the last statement that is committed together with a statement, for each
  /// statement.
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
