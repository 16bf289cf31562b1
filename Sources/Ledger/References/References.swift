package import Postgres
package import Layouts
internal import OwnSchema

/// The tables whose rows foreign keys delete or change when documents are deleted or changed.
package struct References {
  package let connection: Connection
  package let table: VectorTable
  private let keys: ForeignKeys
  /// The columns that an update of documents can change.
  private let updated: Set<String>

  /// A change that is made to documents.
  package enum Change {
    /// The documents are deleted.
    case deletion
    /// The documents' texts, vectors, metadata and times are set.
    case update
  }

  /// Reads the foreign keys from the catalogue.
  package init(to table: VectorTable, on connection: Connection) throws {
    self.connection = connection
    self.table = table
    keys = try ForeignKeys(of: table.catalogueName, on: connection)
    updated = try Self.updatedColumns(of: table, keys.targetIDs, on: connection)
  }

  /// Returns the columns that an update sets, and the columns that the server derives from these;
  /// returns all columns where a trigger may set more.
  private static func updatedColumns(
    of table: VectorTable, _ ids: Set<Int>, on connection: Connection
  ) throws -> Set<String> {
    let hasTriggers = try table.triggers(on: connection).contains { $0.contains("UPDATE") }
    let list = Literal("{\(ids.map { "\($0)" }.joined(separator: ","))}")
    let rows = try connection.query(
      """
      SELECT DISTINCT attname::text FROM pg_attribute
      WHERE attrelid = ANY (\(list)::oid[]) AND attnum > 0 AND NOT attisdropped
        AND (\(hasTriggers) OR attgenerated <> '')
      """)
    return Set(
      try rows.map { (row) throws(PostgresError) -> String in try rows.value(row, 0) }
        + [table.layout.text, table.layout.vector, table.layout.metadata, table.layout.time]
        .map(\.name))
  }

  private func event(of change: Change) -> ForeignKeys.Event {
    switch change {
    case .deletion: .deleted
    case .update: .changed(updated)
    }
  }

  /// Returns a referring table for each foreign key that acts; keys that act on deletions come
  /// first.
  package func tables() -> [ReferringTable] {
    [Change.deletion, .update].flatMap { keys.reached(by: event(of: $0)).steps }
      .compactMap(\.referringTable)
  }

  /// Returns the other tables that a change reaches, by their object ids; a partition has the id of
  /// its partitioned table.
  package func reached(by change: Change) -> [Int: QualifiedName] {
    var names: [Int: QualifiedName] = [:]
    for step in keys.reached(by: event(of: change)).steps where !keys.isOfTarget(step.key) {
      names[step.key.table] = step.key.tableName
    }
    return names
  }

  /// Returns true where a change of some documents reaches other documents.
  package func actOnDocuments(_ change: Change) -> Bool {
    keys.reached(by: event(of: change)).steps.contains { keys.isOfTarget($0.key) }
  }

  /// The object ids of the table of documents, and of the tables that inherit from it.
  var documentTables: Set<Int> { keys.targetIDs }

  /// Returns true where one of the names that the operator has given means this table.
  package func isAllowed(_ table: QualifiedName, by names: [String]) throws -> Bool {
    for name in names {
      if [table.description, table.quoted].contains(name) { return true }
      guard let parsed = QualifiedName(parsing: name), parsed.name == table.name else { continue }
      if parsed.schema == table.schema { return true }
      // Only schemas that the role may use are searched: asking for a name in another schema is an
      // error, which ends the transaction.
      guard parsed.schema == nil else { continue }
      if let found = try connection.resolve(parsed) {
        if found == table { return true }
      } else if let schema = table.schema, try connection.searchedSchemas().contains(schema) {
        // The table had this name until a trigger dropped it in this transaction.
        return true
      }
    }
    return false
  }

  /// Refuses a name that means no table whose rows can be deleted or changed together with
  /// documents of one of these tables.
  package static func checkNames(_ allowed: [String], in all: [References]) throws {
    for name in allowed {
      let isKnown = try all.contains { references in
        try references.tables().contains { try references.isAllowed($0.table, by: [name]) }
          || references.mayLoseByTrigger(name)
      }
      guard !isKnown else { continue }
      let names = Set(all.flatMap { $0.tables().map(\.table) }.map(word)).sorted()
      throw Failure(
        .preflight,
        "--allow-loss \(name) names no table whose rows are deleted or changed with documents",
        remedy: names.isEmpty
          ? "leave this option out: no foreign key deletes or changes rows together with documents"
          : "what can be named: " + names.map { "--allow-loss \($0)" }.joined(separator: " "))
    }
  }

  /// Returns true where triggers and rules of the application may delete rows from a table of this
  /// name.
  private func mayLoseByTrigger(_ name: String) throws -> Bool {
    guard try !table.triggers(on: connection).isEmpty else { return false }
    if let parsed = QualifiedName(parsing: name), try connection.resolve(parsed) != nil {
      return true
    }
    // Also finds the other forms that `isAllowed` accepts: names with dots, and quoted names.
    return try connection.scalar(ReferenceQueries.isTable(name: name)) == true
  }

  /// Returns a table's name quoted for a shell.
  package static func word(_ table: QualifiedName) -> String {
    let name = table.description
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "._-".unicodeScalars.contains(scalar)
    }
    if isPlain { return name }
    let isPrintable = name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    if isPrintable { return "'" + name.replacing("'", with: "'\\''") + "'" }
    let escaped = name.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
      case 0x20..<0x7F: String(UnicodeScalar(byte))
      // Always three octal digits, so that a following digit is not read as part of the number.
      default:
        "\\" + String(repeating: "0", count: byte < 0o10 ? 2 : byte < 0o100 ? 1 : 0)
          + String(byte, radix: 8)
      }
    }
    return "$'" + escaped.joined() + "'"
  }
}

extension References {
  /// The longest time for counting the rows of one table.
  private static let timeout = "10s"

  /// Counts the rows that would be deleted or changed with the documents `t` that meet `condition`:
  /// rows of other tables, and further rows of the documents' own table.
  ///
  /// Must not be called in a transaction, because a count that takes too long is cancelled.
  package func count(where condition: SQL, user: String) throws -> [ReferringRows] {
    let (steps, isComplete) = keys.reached(by: .deleted)
    // Documents that are deleted only because rows of other tables are deleted are not counted.
    let comesBack = steps.contains {
      keys.isOfTarget($0.key) && $0.event == .deleted && $0.path.count > 1
    }
    let gone = gone(condition)
    var found: [ReferringRows] = []
    for name in Set(steps.map(\.key.tableName)).sorted(by: { $0.quoted < $1.quoted }) {
      let own = steps.filter { $0.key.tableName == name }
      // Where two ways lead to the same table, the second is not followed further: the count would
      // be incomplete.
      let isKnown = !comesBack && (isComplete || own.allSatisfy { $0.path.count == 1 })
      var rows = ReferringRows(table: name)
      if isKnown, try seesEveryRow(of: own) {
        rows.deleted = try count(own.filter { $0.event == .deleted }, gone, condition, user)
        rows.changed = try count(own.filter { $0.event != .deleted }, gone, condition, user)
      }
      if !rows.isNothing { found.append(rows) }
    }
    return found
  }

  private func seesEveryRow(of steps: [ForeignKeys.Step]) throws -> Bool {
    var tables = Set(steps.flatMap(\.path).map(\.table))
    if !keys.cascades.isEmpty { tables.formUnion(keys.targetIDs) }
    let list = Literal("{\(tables.map { "\($0)" }.joined(separator: ","))}")
    return try connection.scalar(
      """
      SELECT bool_and(has_table_privilege(oid, 'SELECT') AND NOT row_security_active(oid))
      FROM unnest(\(list)::oid[]) AS r (oid)
      """) == true
  }

  private func count(
    _ steps: [ForeignKeys.Step], _ gone: SQL, _ condition: SQL, _ user: String
  ) throws -> Int? {
    guard let first = steps.first else { return 0 }
    let query: SQL
    if keys.isOfTarget(first.key), first.event == .deleted {
      query = """
        \(gone) SELECT count(*) FROM \(table.rows) t
        WHERE \(Self.isGone("t")) AND (\(condition)) IS NOT TRUE
        """
    } else {
      let ways = steps.map {
        Self.refers($0.path, as: "own", to: table.name, Self.isGone("t"))
      }
      let stays: SQL = keys.isOfTarget(first.key) ? "AND NOT \(Self.isGone("own"))" : ""
      query = """
        \(gone) SELECT count(*) FROM \(first.key.tableName) own
        WHERE (\(SQL.joined(ways, separator: " OR "))) \(stays)
        """
    }
    do {
      return try connection.transaction(.repeatableRead, readOnly: true) {
        try RowSecurity.act(for: user, on: connection)
        try connection.query("SET LOCAL statement_timeout = \(Literal(Self.timeout))")
        return try connection.scalar(query)
      }
    } catch let error as PostgresError where error.serverError != nil && connection.isUsable {
      return nil
    }
  }

  /// Returns SQL for the documents that are deleted: those that meet the condition, and those that
  /// are deleted together with them.
  private func gone(_ condition: SQL) -> SQL {
    let start: SQL = """
      SELECT t.tableoid, t.ctid::text FROM \(table.rows) t WHERE \(condition)
      """
    // A recursive query may name itself once only.
    let ways = keys.cascades.map { key -> SQL in
      """
      SELECT own.tableoid AS place, own.ctid::text AS row FROM \(key.tableName) own
      WHERE \(Self.equal(key, "t", "own"))
      """
    }
    let rest: SQL =
      ways.isEmpty
      ? ""
      : """
      UNION SELECT o.place, o.row
      FROM gone g JOIN \(table.name) t ON t.tableoid = g.place AND t.ctid = g.row::tid
      CROSS JOIN LATERAL (\(SQL.joined(ways, separator: " UNION ALL "))) o
      """
    return "WITH RECURSIVE gone (place, row) AS (\(start) \(rest))"
  }

  private static func isGone(_ row: Identifier) -> SQL {
    "((\(row).tableoid, \(row).ctid::text) IN (SELECT place, row FROM gone))"
  }

  private static func equal(_ key: ForeignKeys.Key, _ other: Identifier, _ own: Identifier) -> SQL {
    let same = key.columns.map { column -> SQL in
      // An operator's name takes no quotation marks.
      let equals = SQL(script: "OPERATOR(\(column.equals.schema.quoted).\(column.equals.name))")
      return "\(other).\(column.other) \(equals) \(own).\(column.own)"
    }
    return SQL.joined(same, separator: " AND ")
  }

  /// Returns SQL that is true for rows `own` that would be reached from the deleted documents by
  /// following all of these keys, one after the other.
  private static func refers(
    _ path: [ForeignKeys.Key], as own: Identifier, to documents: QualifiedName, _ condition: SQL
  ) -> SQL {
    guard let key = path.last else { return condition }
    let rest = Array(path.dropLast())
    let other: Identifier = rest.isEmpty ? "t" : Identifier("r\(rest.count)")
    return """
      EXISTS (SELECT FROM \(rest.last?.tableName ?? documents) \(other)
        WHERE \(equal(key, other, own))
          AND \(refers(rest, as: other, to: documents, condition)))
      """
  }
}
