internal import Postgres

/// The contents of a database: every table with its number of rows and their digest, which is the
/// same for the same rows in any order and on any server.
package struct DatabaseContents: Sendable, Equatable {
  /// A table that has rows of its own.
  package struct Table: Sendable, Equatable {
    /// The table's schema.
    let schema: String
    /// The table's name.
    let name: String
    /// The number of rows in the table.
    let rows: Int
    /// The sum over all rows of the first 64 bits of each row's SHA-256.
    let digest: String

    var qualified: QualifiedName { QualifiedName(schema: Identifier(schema), Identifier(name)) }
  }

  /// The tables, ordered by the bytes of their names; tables of extensions are left out.
  package let tables: [Table]

  /// The number of rows in all tables.
  package var rows: Int { tables.reduce(0) { $0 + $1.rows } }

  /// Reads the contents in the open transaction.
  static func read(_ connection: Connection) throws -> DatabaseContents {
    try fixForms(on: connection)
    let names = try connection.query(DatabaseQueries.tables)
    var tables: [Table] = []
    for row in 0..<names.rowCount {
      let (schema, name): (String, String) = (try names.value(row, 0), try names.value(row, 1))
      let table = QualifiedName(schema: Identifier(schema), Identifier(name))
      let (rows, digest) = try sum(of: "SELECT * FROM ONLY \(table)", on: connection)
      tables.append(Table(schema: schema, name: name, rows: rows, digest: digest))
    }
    return DatabaseContents(tables: tables)
  }

  /// Counts the rows of a query and adds up their hashes.
  static func sum(of query: SQL, on connection: Connection) throws(PostgresError)
    -> (rows: Int, digest: String)
  {
    let row = try connection.query(
      """
      SELECT count(*), coalesce(sum(('x' || encode(substr(sha256(textsend((t.*)::text)), 1, 8),
        'hex'))::bit(64)::int8::numeric), 0)::text
      FROM (\(query)) t
      """)
    return (try row.value(0, 0), try row.value(0, 1))
  }

  /// Applies settings until the transaction ends, so that values are written in the same form
  /// whatever the role's settings are.
  static func fixForms(on connection: Connection) throws(PostgresError) {
    for (setting, value) in [
      ("search_path", "pg_catalog"), ("datestyle", "ISO"), ("intervalstyle", "postgres"),
      ("timezone", "UTC"), ("extra_float_digits", "1"), ("bytea_output", "hex"),
      ("xmloption", "content"), ("row_security", "off"), ("statement_timeout", "0"),
      ("idle_in_transaction_session_timeout", "0"),
    ] {
      try connection.query("SELECT set_config(\(setting), \(value), true)")
    }
    if connection.serverVersion >= 170_000 {
      try connection.query("SELECT set_config('transaction_timeout', '0', true)")
    }
  }

  /// Returns the first difference between the tables of two databases; nil where they are the same.
  func difference(from other: DatabaseContents) -> String? {
    for (index, table) in tables.enumerated() {
      guard index < other.tables.count else { return "\(table.qualified) is missing" }
      let found = other.tables[index]
      if found == table { continue }
      guard found.qualified == table.qualified else {
        return "\(table.qualified) is missing, or \(found.qualified) should not be there"
      }
      return found.rows == table.rows
        ? "\(table.qualified) has \(found.rows) rows as expected, but with other contents"
        : "\(table.qualified) has \(found.rows) rows instead of \(table.rows)"
    }
    return other.tables.count > tables.count
      ? "\(other.tables[tables.count].qualified) should not be there" : nil
  }
}

/// The properties of a database that a restore of its dump on another server must know.
package struct DatabaseTraits: Sendable, Equatable {
  /// An extension that the database uses.
  struct Extension: Sendable, Equatable {
    /// The extension's name.
    let name: String
    /// The extension's version.
    let version: String
  }

  /// The server's version as a number: 160004 for 16.4.
  package let serverVersion: Int
  /// The encoding of text.
  let encoding: String
  /// The collation of text.
  let collation: String
  /// The character type of text, as `LC_CTYPE` sets it.
  let characterType: String
  /// The extensions that the database uses; plpgsql is left out.
  let extensions: [Extension]
  /// The roles that own objects in the database or have rights on objects.
  let roles: [String]

  static func read(_ connection: Connection) throws(PostgresError) -> DatabaseTraits {
    let row = try connection.query(
      """
      SELECT pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text
      FROM pg_database WHERE datname = current_database()
      """)
    let extensions = try connection.query(
      """
      SELECT extname::text, extversion FROM pg_extension WHERE extname <> 'plpgsql'
      ORDER BY extname COLLATE "C"
      """)
    // The server's list of owners (pg_shdepend) leaves out the first superuser; the query looks for
    // that role's tables and functions itself.
    let roles = try connection.query(DatabaseQueries.roles(schemas: ownSchemas))
    return DatabaseTraits(
      serverVersion: connection.serverVersion, encoding: try row.value(0, 0),
      collation: try row.value(0, 1), characterType: try row.value(0, 2),
      extensions: try extensions.map { (row) throws(PostgresError) in
        Extension(name: try extensions.value(row, 0), version: try extensions.value(row, 1))
      },
      roles: try roles.map { (row) throws(PostgresError) in try roles.value(row, 0) })
  }

  private static var ownSchemas: SQL {
    "SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
  }
}
