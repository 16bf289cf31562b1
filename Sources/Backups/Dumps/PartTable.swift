internal import Ledger
internal import Postgres

/// A table in a scratch database and the same table in the target, for copying rows from one to the
/// other.
struct PartTable {
  let name: QualifiedName
  /// The condition that selects the rows; `true` selects all rows.
  let condition: SQL
  let scratch: Connection
  let target: Connection

  private struct Column: Equatable {
    let name: String
    let type: String
    /// The type by its schema, name and modifier, independent of the search path.
    let identity: String
    let isGenerated: Bool
    let isOptional: Bool
  }

  private static func columns(of table: QualifiedName, on connection: Connection)
    throws(PostgresError) -> [Column]
  {
    let rows = try connection.query(PartQueries.columns(table: table.quoted))
    return try rows.map { (row) throws(PostgresError) in
      Column(
        name: try rows.value(row, 0), type: try rows.value(row, 1),
        identity: try rows.value(row, 4),
        isGenerated: try rows.value(row, 2), isOptional: try rows.value(row, 3))
    }
  }

  /// Returns the columns that are copied; refuses a table with different columns.
  private func sharedColumns() throws -> [Identifier] {
    let dumped = try Self.columns(of: name, on: scratch).filter { !$0.isGenerated }
    let existing = try Self.columns(of: name, on: target)
    for column in dumped {
      let found = existing.first { $0.name.utf8.elementsEqual(column.name.utf8) }
      guard let found, found.identity == column.identity, !found.isGenerated else {
        throw Failure(
          .preflight,
          "column \(column.name) of \(name) is \(column.type) in the dump and "
            + "\(found.map(\.type) ?? "missing") in the target",
          remedy: "restore the whole dump into another database: --into NAME")
      }
    }
    let known = Set(dumped.map { Array($0.name.utf8) })
    if let other = existing.first(where: {
      !known.contains(Array($0.name.utf8)) && !$0.isOptional && !$0.isGenerated
    }) {
      throw Failure(
        .preflight, "column \(other.name) of \(name) requires a value, and the dump has none",
        remedy: "give the column a default first")
    }
    return dumped.map { Identifier($0.name) }
  }

  /// Returns the number of the rows in the target and their digest, in the open transaction.
  func existingRows() throws(PostgresError) -> (rows: Int, digest: String) {
    let path: String? = try target.scalar("SELECT current_setting('search_path')")
    try DatabaseContents.fixForms(on: target)
    let found = try DatabaseContents.sum(
      of: "SELECT * FROM \(name) t WHERE \(condition)", on: target)
    try target.query("SELECT set_config('search_path', \(path ?? ""), true)")
    return found
  }

  /// Copies the rows in the target's transaction, and compares the target's rows afterwards with
  /// those that were sent; returns the number of copied rows.
  func copy() throws -> Int {
    let columns = try sharedColumns()
    let list = SQL.joined(columns.map { "t.\($0)" }, separator: ", ")
    let rows: SQL = "SELECT \(list) FROM \(name) t WHERE \(condition)"
    try target.asApplication {
      try Self.copy(rows, from: scratch, into: name, columns: columns, of: target)
    }
    try target.fireDeferred()
    let sent = try scratch.transaction(.repeatableRead, readOnly: true) {
      try DatabaseContents.fixForms(on: scratch)
      return try DatabaseContents.sum(of: rows, on: scratch)
    }
    let path: String? = try target.scalar("SELECT current_setting('search_path')")
    try DatabaseContents.fixForms(on: target)
    let found = try DatabaseContents.sum(of: rows, on: target)
    try target.query("SELECT set_config('search_path', \(path ?? ""), true)")
    guard sent == found else {
      throw Failure(
        .verification,
        "\(sent.rows) rows of \(name) were sent, but the table has \(found.rows) now, or "
          + "different rows",
        remedy: "nothing was changed; look for triggers, rules or policies on the table")
    }
    return sent.rows
  }

  /// Copies rows field by field while they are read.
  static func copy(
    _ rows: SQL, from source: Connection, into table: QualifiedName, columns: [Identifier],
    of target: Connection
  ) throws {
    let elements = try elementTypes(of: table, on: target)
    let types = columns.map { elements[$0.name] }
    try target.copyIn(table, columns: columns) { writer in
      try source.copyOut(rows) { row in
        try writer.beginRow()
        for place in 0..<row.fieldCount {
          if let field = try row.next() {
            var bytes = Array(field)
            // The third number of a binary array is the type of the elements (`array_recv`).
            if let type = types[place], bytes.count >= 12 {
              withUnsafeBytes(of: type.bigEndian) { bytes.replaceSubrange(8..<12, with: $0) }
            }
            writer.bytes(bytes)
          } else {
            writer.null()
          }
        }
      }
    }
  }

  /// Reads the element types of the table's array columns where they are not built in; such a type
  /// has another number in each database.
  private static func elementTypes(of table: QualifiedName, on connection: Connection)
    throws(PostgresError) -> [String: UInt32]
  {
    let rows = try connection.query(PartQueries.elementTypes(table: table.quoted))
    var types: [String: UInt32] = [:]
    for row in 0..<rows.rowCount {
      types[try rows.value(row, 0)] = UInt32(try rows.value(row, 1, as: Int.self))
    }
    return types
  }

  /// Sets the sequences of columns to the greatest value of the column, where a sequence has a
  /// smaller value.
  func moveSequences() throws {
    for column in try Self.columns(of: name, on: target) {
      let sequence: String? = try target.scalar(
        "SELECT pg_get_serial_sequence(\(name.quoted), \(column.name))")
      guard let sequence else { continue }
      let place = Identifier(column.name)
      try target.query(
        """
        SELECT setval(\(sequence)::regclass, max(t.\(place)))
        FROM \(name) t
        HAVING max(t.\(place)) > (SELECT coalesce(pg_sequence_last_value(\(sequence)::regclass), 0))
        """)
    }
  }

  /// Returns the tables of the target with foreign keys to this table or to a partition of this
  /// table; rows that these keys refer to must not be deleted.
  func referringTables() throws(PostgresError) -> [String] {
    let rows = try target.query(PartQueries.referringTables(table: name.quoted))
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }
}
