package import Postgres

/// The number of rows of a table, with the way in which it was found.
package enum RowCount: Sendable, Equatable {
  /// Every row was counted.
  case counted(Int)
  /// Row-level security hides rows from the role: the number comes from the server's statistics.
  case estimated(Int)
  /// Row-level security hides rows, and there are no statistics yet.
  case unknown

  /// The number of rows; 0 where it is not known.
  package var number: Int {
    switch self {
    case .counted(let rows), .estimated(let rows): rows
    case .unknown: 0
    }
  }
}

extension VectorTable {
  /// Counts the rows; where policies hide some of them, takes the number from the server's
  /// statistics.
  package func rowCount(on connection: Connection) throws(PostgresError) -> RowCount {
    guard hasActiveRowSecurity else {
      return .counted(try connection.scalar("SELECT count(*) FROM \(name)") ?? 0)
    }
    // As the planner estimates: rows per page at the last analysis, times the present number of
    // pages. The counter of live rows may count some rows twice, and is only used for tables that
    // were never analysed.
    let row = try connection.query(VectorTableQueries.rowEstimate(table: catalogueName))
    let rows: Int = try row.value(0, 0)
    let bytes: Int = try row.value(0, 1)
    return rows == 0 && bytes > 0 ? .unknown : .estimated(rows)
  }
}
