package import Postgres

/// The files in which the server keeps the rows of a table and of its partitions.
///
/// TRUNCATE, like whatever writes a table anew, gives it other files and sets the server's counters
/// back to nothing: no count of rows tells of it.
package struct TableStorage: Sendable {
  /// The file of each table, by the table's number in the catalogue.
  private let files: [Int: Int]

  /// Reads which files they are now, as the transaction that is open sees it.
  package init(of table: VectorTable, on connection: Connection) throws(PostgresError) {
    let rows = try connection.query(
      """
      WITH RECURSIVE places AS (
        SELECT to_regclass(\(table.catalogueName))::oid AS oid
        UNION SELECT i.inhrelid FROM pg_inherits i JOIN places p ON i.inhparent = p.oid
      )
      SELECT oid::int8, coalesce(pg_relation_filenode(oid)::int8, 0) FROM places
      WHERE oid IS NOT NULL
      """)
    var files: [Int: Int] = [:]
    for row in 0..<rows.rowCount {
      files[try rows.value(row, 0)] = try rows.value(row, 1)
    }
    self.files = files
  }

  /// True where a table that was there has another file now, or is gone.
  package func isOther(than earlier: TableStorage) -> Bool {
    earlier.files.contains { files[$0.key] != $0.value }
  }
}
