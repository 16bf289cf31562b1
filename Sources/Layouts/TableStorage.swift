package import Postgres

/// The files in which the server keeps the rows of a table and of its partitions, and the number of
/// rows that the transaction has written, as the server counts them.
///
/// TRUNCATE, like every other command that rewrites a table, gives the table new files and resets
/// the server's counters: so counts of rows do not show such a command.
package struct TableStorage: Sendable {
  /// The file of each table, by the table's object id.
  private let files: [Int: Int]
  /// The rows that the transaction has written.
  package private(set) var written = WrittenRows()
  /// True where the server counts rows.
  package private(set) var isCounting = true

  /// Returns the query for the files and the counts; it must run in the open transaction.
  package static func question(about table: VectorTable) -> SQL {
    VectorTableQueries.files(table: table.catalogueName)
  }

  /// Reads the files and the counts from the answer to the query that `question` returns.
  package init(_ rows: QueryResult) throws(PostgresError) {
    var files: [Int: Int] = [:]
    for row in 0..<rows.rowCount {
      files[try rows.value(row, 0)] = try rows.value(row, 1)
      written.inserted += try rows.value(row, 2, as: Int.self)
      written.updated += try rows.value(row, 3, as: Int.self)
      written.deleted += try rows.value(row, 4, as: Int.self)
      isCounting = try rows.value(row, 5)
    }
    self.files = files
  }

  /// Returns true where a table that existed at the earlier reading now has another file, or no
  /// longer exists.
  package func isOther(than earlier: TableStorage) -> Bool {
    earlier.files.contains { files[$0.key] != $0.value }
  }
}
