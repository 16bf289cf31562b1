internal import SQLText
internal import MigrationFiles

/// What a trial has seen of the rows of tables, for the live run to look at again.
struct LossForecast: Sendable, Equatable {
  /// A part of a plan that commits as a whole.
  struct Unit: Hashable, Sendable {
    let isUp: Bool
    let version: String
    /// The last statement of it.
    let end: Int

    init(_ step: SchemaPlan.Step, end: Int) {
      isUp = step.isUp
      version = step.version
      self.end = end
    }
  }

  /// How a table was looked at.
  struct Look: Sendable, Equatable {
    /// The columns whose values were compared, by number; nil where rows alone were counted.
    let columns: [Int]?
    /// How those were compared whose type changes.
    let casts: [Int: MeasureMethod.Cast]
    /// False where the server had not counted what was done to its rows.
    let isCounted: Bool
    /// True where rows that the server has counted as deleted are there all the same.
    var hasMiscount = false

    /// True where nobody else may write to it between the first look and the last.
    var needsLock: Bool { columns != nil || hasMiscount }

    init(_ method: MeasureMethod?, isCounted: Bool) {
      self.isCounted = isCounted
      columns = method?.columns.map(\.key.part)
      casts = method?.casts ?? [:]
    }
  }

  private var tables: [Unit: [Int: Look]] = [:]
  /// Definitions that are stored otherwise than before, and written out are the same.
  var sameDefinitions: Set<String> = []

  /// Notes how a table that a unit has touched was looked at.
  mutating func note(
    _ table: Int, in unit: Unit, by method: MeasureMethod?, isCounted: Bool
  ) {
    tables[unit, default: [:]][table] = Look(method, isCounted: isCounted)
  }

  /// Notes that of a table's rows more are there than the server's count says.
  mutating func noteMiscount(_ table: Int, in unit: Unit) {
    var look = self[unit][table] ?? Look(nil, isCounted: true)
    look.hasMiscount = true
    tables[unit, default: [:]][table] = look
  }

  /// The tables that a unit has touched.
  subscript(unit: Unit) -> [Int: Look] { tables[unit] ?? [:] }
}

extension MigrationSection {
  /// True where a statement may leave another role behind.
  var mayChangeRole: Bool {
    let words = text.uppercased()
    return words.contains("ROLE") || words.contains("AUTHORIZATION")
  }

  /// True where a part of the program's own schema comes with it.
  var installsOwnSchema: Bool { statements.contains { $0.part != nil } }

  /// For each statement, the last one of the part that commits together with it.
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
