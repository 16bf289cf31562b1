internal import Ledger
internal import Postgres

/// A vector column whose dimension changes, as the catalogue describes it.
struct VectorColumn {
  /// The full name of the table, quoted as in SQL; the table of changes uses the same form.
  let table: String
  let tableName: Identifier
  let schema: Identifier
  let name: Identifier
  let dimensions: Int
  let mustBeGiven: Bool
  /// The only column of the table's primary key; `keyType` is its type in SQL.
  let key: Identifier
  let keyType: String

  /// The full name of the table as a piece of SQL.
  var sql: SQL { SQL(script: table) }

  /// Reads the column from the catalogue; throws where its dimension cannot be changed in place.
  init(_ wanted: QualifiedName, column: Identifier, on connection: Connection) throws {
    let table = try connection.resolve(wanted) ?? wanted
    let rows = try connection.query(
      VectorColumnQueries.find(column: column.name, table: table.quoted))
    guard rows.rowCount == 1 else {
      throw Failure(.preflight, "there is no table \(table)", remedy: "name a table with --table")
    }
    let kind: String = try rows.value(0, 3)
    guard kind == "r", try !rows.value(0, 9, as: Bool.self) else {
      throw Failure(
        .preflight,
        "\(table) is not a plain table: tables with parents, children or partitions cannot be "
          + "changed in place",
        remedy: "detach partitions and change each by itself, or fill another table")
    }
    guard try rows.optional(0, 8, as: String.self) == "vector",
      let dimensions = try rows.optional(0, 5, as: Int.self), dimensions > 0
    else {
      throw Failure(
        .preflight, "\(table) has no column \(column.name) of type vector(n)",
        remedy: "name another column with --column")
    }
    try Self.refuseHidden(rows, table, column)
    self.table = try rows.value(0, 0)
    schema = Identifier(try rows.value(0, 1))
    tableName = Identifier(try rows.value(0, 2))
    name = column
    self.dimensions = dimensions
    mustBeGiven = try rows.value(0, 6)
    (key, keyType) = try Self.key(of: table, on: connection)
  }

  private static func refuseHidden(
    _ rows: QueryResult, _ table: QualifiedName, _ column: Identifier
  )
    throws
  {
    try refuse(
      rows.value(0, 4), "row-level security hides rows of \(table) from this role",
      remedy: "connect as a role with BYPASSRLS")
    try refuse(
      rows.value(0, 7), "column \(column.name) of \(table) has privileges of its own",
      remedy: "grant the privileges on the table instead: the new column would not have those")
  }

  private static func refuse(_ isSo: Bool, _ reason: String, remedy: String) throws {
    if isSo { throw Failure(.preflight, reason, remedy: remedy) }
  }

  private static func key(of table: QualifiedName, on connection: Connection) throws
    -> (Identifier, String)
  {
    let rows = try connection.query(
      """
      SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
      WHERE i.indrelid = to_regclass(\(table.quoted)) AND i.indisprimary
      """)
    guard rows.rowCount == 1 else {
      throw Failure(
        .preflight, "\(table) has no primary key of one column",
        remedy: "give the table a primary key of one column, which identifies the rows")
    }
    return (Identifier(try rows.value(0, 0)), try rows.value(0, 1))
  }

  /// Returns a name for an object that belongs to the column; the name is short enough for
  /// PostgreSQL.
  func related(_ suffix: String) -> Identifier {
    var base = tableName.name[...]
    while base.utf8.count + suffix.utf8.count > 62 { base.removeLast() }
    return Identifier("\(base)_\(suffix)")
  }

  /// Returns the name of the second column, which exists during a change; `dimensions` are its own.
  func otherColumn(_ dimensions: Int) -> Identifier {
    var base = name.name[...]
    while base.utf8.count > 50 { base.removeLast() }
    return Identifier("\(base)_\(dimensions)")
  }

  /// Returns true where the table has a column with this name.
  func hasColumn(_ column: Identifier, on connection: Connection) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(\(table))
        AND attname = \(column.name) AND NOT attisdropped)
      """) ?? false
  }
}
