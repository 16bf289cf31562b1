package import Postgres

/// The files in which the server keeps the rows of a table and of its partitions.
///
/// TRUNCATE, like every other command that rewrites a table, gives the table new files and resets
/// the server's counters: counts of rows do not show that command.
package struct TableStorage: Sendable {
  /// The file of each table, by the table's object id.
  private let files: [Int: Int]

  /// Reads which files the tables have now, as the open transaction sees them.
  package init(of table: VectorTable, on connection: Connection) throws(PostgresError) {
    let rows = try connection.query(VectorTableQueries.files(table: table.catalogueName))
    var files: [Int: Int] = [:]
    for row in 0..<rows.rowCount {
      files[try rows.value(row, 0)] = try rows.value(row, 1)
    }
    self.files = files
  }

  /// Returns true where a table that existed earlier has another file now, or no longer exists.
  package func isOther(than earlier: TableStorage) -> Bool {
    earlier.files.contains { files[$0.key] != $0.value }
  }
}
