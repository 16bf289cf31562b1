internal import Postgres

/// The space that a run's table takes in the database at one moment, and the server's versions.
package struct DatabaseSpace: Sendable, Equatable {
  /// The bytes of the table's rows.
  package let table: Int
  /// The bytes of the table's indexes.
  package let indexes: Int
  /// The bytes of the program's own schema: ledger, models and originals.
  package let ownSchema: Int
  /// The version of the server.
  package let server: String
  /// The version of pgvector; nil where it is not installed.
  package let pgvector: String?
}

extension DatabaseSpace {
  /// Reads the space of a table; returns nil where the server refuses to say it, because no run
  /// depends on it.
  static func read(_ table: QualifiedName, on connection: Connection) -> DatabaseSpace? {
    guard
      let rows = try? connection.query(DatabaseSpaceQueries.space(table: table.quoted)),
      rows.rowCount == 1
    else { return nil }
    return try? DatabaseSpace(
      table: rows.value(0, 0), indexes: rows.value(0, 1), ownSchema: rows.value(0, 2),
      server: rows.value(0, 3), pgvector: rows.optional(0, 4))
  }
}
