package import Postgres
package import Schema

/// The tables whose rows go or change by foreign keys when documents do.
package struct References {
  package let connection: Connection
  package let table: VectorTable
  private let keys: ForeignKeys

  /// What is done to documents.
  package enum Change {
    /// They are deleted.
    case deletion
    /// Their texts, vectors, metadata and times are set.
    case update

    fileprivate var event: ForeignKeys.Event {
      switch self {
      case .deletion: .deleted
      case .update: .changed(["text", "embedding", "metadata", "created_at"])
      }
    }
  }

  /// Reads them from the catalogue.
  package init(to table: VectorTable, on connection: Connection) throws {
    self.connection = connection
    self.table = table
    keys = try ForeignKeys(of: table.catalogueName, on: connection)
  }

  /// Each key that acts, those on deletions first.
  package func tables() -> [ReferringTable] {
    [Change.deletion, .update].flatMap { keys.reached(by: $0.event).steps }
      .compactMap(\.referringTable)
  }

  /// The tables that a change reaches, by their ids; partitions count as what they are part of.
  package func reached(by change: Change) -> [Int: QualifiedName] {
    var names: [Int: QualifiedName] = [:]
    for step in keys.reached(by: change.event).steps {
      names[step.key.table] = step.key.tableName
    }
    return names
  }

  /// True where a change of some documents reaches others.
  package func actOnDocuments(_ change: Change) -> Bool { keys.actOnTarget(change.event) }

  /// True where one of the operator's words names the table.
  package func isAllowed(_ table: QualifiedName, by names: [String]) throws -> Bool {
    for name in names {
      if [table.description, table.quoted].contains(name) { return true }
      guard let parsed = QualifiedName(parsing: name) else { continue }
      if try connection.resolve(parsed) == table { return true }
    }
    return false
  }

  /// Refuses names of tables of which nothing can go with documents of any of these tables.
  package static func checkNames(_ allowed: [String], in all: [References]) throws {
    for name in allowed {
      let isKnown = try all.contains { references in
        try references.tables().contains { try references.isAllowed($0.table, by: [name]) }
      }
      guard !isKnown else { continue }
      let names = Set(all.flatMap { $0.tables().map(\.table) }.map(word)).sorted()
      throw Failure(
        .preflight, "--allow-loss \(name) names no table whose rows go with documents",
        remedy: names.isEmpty
          ? "leave it out: no foreign key takes rows away with documents"
          : "what can be named: " + names.map { "--allow-loss \($0)" }.joined(separator: " "))
    }
  }

  /// A table's name as a shell takes it.
  package static func word(_ table: QualifiedName) -> String {
    let name = table.description
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "._-".unicodeScalars.contains(scalar)
    }
    return isPlain ? name : "'" + name.replacing("'", with: "'\\''") + "'"
  }
}

extension References {
  /// How long counting may take for one table.
  private static let patience = "10s"

  /// Counts the rows of other tables that would go or change with the documents `t` for which
  /// `condition` holds; not in a transaction, for a count that takes too long is given up.
  package func count(where condition: SQL, user: String) throws -> [ReferringRows] {
    let (steps, isComplete) = keys.reached(by: .deleted)
    var found: [ReferringRows] = []
    for name in Set(steps.map(\.key.tableName)).sorted(by: { $0.quoted < $1.quoted }) {
      let own = steps.filter { $0.key.tableName == name }
      // Ways that meet again are not followed twice: what lies behind them may be more.
      let isKnown = isComplete || own.allSatisfy { $0.path.count == 1 }
      var rows = ReferringRows(table: name)
      if isKnown, try seesEveryRow(of: own) {
        rows.deleted = try count(own.filter { $0.event == .deleted }, condition, user)
        rows.changed = try count(own.filter { $0.event != .deleted }, condition, user)
      }
      if !rows.isNothing { found.append(rows) }
    }
    return found
  }

  private func seesEveryRow(of steps: [ForeignKeys.Step]) throws -> Bool {
    let tables = Set(steps.flatMap(\.path).map(\.table))
    let list = Literal("{\(tables.map { "\($0)" }.joined(separator: ","))}")
    return try connection.scalar(
      """
      SELECT bool_and(has_table_privilege(oid, 'SELECT') AND NOT row_security_active(oid))
      FROM unnest(\(list)::oid[]) AS r (oid)
      """) == true
  }

  private func count(_ steps: [ForeignKeys.Step], _ condition: SQL, _ user: String) throws -> Int? {
    guard let first = steps.first else { return 0 }
    let ways = steps.map { Self.refers($0.path, as: "own", to: table.name, condition) }
    let query: SQL = """
      SELECT count(*) FROM \(first.key.tableName) own
      WHERE \(SQL.joined(ways, separator: " OR "))
      """
    do {
      return try connection.transaction(.repeatableRead, readOnly: true) {
        try RowSecurity.act(for: user, on: connection)
        try connection.query("SET LOCAL statement_timeout = \(Literal(Self.patience))")
        return try connection.scalar(query)
      }
    } catch let error as PostgresError where error.serverError != nil && connection.isUsable {
      return nil
    }
  }

  /// True for rows `own` that refer, by the last of these keys, to rows that go by the others.
  private static func refers(
    _ path: [ForeignKeys.Key], as own: Identifier, to documents: QualifiedName, _ condition: SQL
  ) -> SQL {
    guard let key = path.last else { return condition }
    let rest = Array(path.dropLast())
    let other: Identifier = rest.isEmpty ? "t" : Identifier("r\(rest.count)")
    let same = key.columns.map { column -> SQL in
      // An operator's name takes no quotation marks.
      let equals = SQL(script: "OPERATOR(\(column.equals.schema.quoted).\(column.equals.name))")
      return "\(other).\(column.other) \(equals) \(own).\(column.own)"
    }
    return """
      EXISTS (SELECT FROM \(rest.last?.tableName ?? documents) \(other)
        WHERE \(SQL.joined(same, separator: " AND "))
          AND \(refers(rest, as: other, to: documents, condition)))
      """
  }
}
