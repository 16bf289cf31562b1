internal import OwnSchema
package import Postgres

/// How many rows a transaction deletes from which tables, as the server counts them, no matter
/// which statement or trigger deletes them.
package struct RowRemovals {
  private let connection: Connection
  private let before: [Int: Deleted]

  private struct Deleted {
    let table: QualifiedName
    let rows: Int
  }

  /// Starts counting in the open transaction.
  package init(on connection: Connection) throws(PostgresError) {
    self.connection = connection
    before = try Self.count(on: connection)
  }

  /// Returns the rows deleted since counting started, except those of the tables with these object
  /// ids; this program's own schema and temporary tables are not counted.
  package func rows(except tables: Set<Int>) throws(PostgresError) -> [ReferringRows] {
    try Self.count(on: connection).compactMap { oid, now -> ReferringRows? in
      let rows = now.rows - (before[oid]?.rows ?? 0)
      guard rows > 0, !tables.contains(oid) else { return nil }
      return ReferringRows(table: now.table, deleted: rows, changed: 0)
    }.sorted { $0.table.quoted < $1.table.quoted }
  }

  /// Returns the server's counts for each table; a partition counts as part of the whole table.
  private static func count(on connection: Connection) throws(PostgresError) -> [Int: Deleted] {
    let rows = try connection.query(
      """
      SELECT r.oid, n.nspname::text, r.relname::text, sum(c.deleted)::int8
      FROM (
        SELECT coalesce(pg_partition_root(oid), oid)::oid AS root,
               pg_stat_get_xact_tuples_deleted(oid) AS deleted
        FROM pg_class WHERE relkind = 'r' AND relpersistence <> 't' AND oid >= 16384
      ) c JOIN pg_class r ON r.oid = c.root JOIN pg_namespace n ON n.oid = r.relnamespace
      WHERE c.deleted > 0 AND n.nspname <> \(FerrySchema.name.name)
      GROUP BY 1, 2, 3
      """)
    var counts: [Int: Deleted] = [:]
    for row in 0..<rows.rowCount {
      counts[try rows.value(row, 0)] = Deleted(
        table: QualifiedName(
          schema: Identifier(try rows.value(row, 1)), Identifier(try rows.value(row, 2))),
        rows: try rows.value(row, 3))
    }
    return counts
  }
}
