package import Postgres

/// How many rows a table has, and how that is known.
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
  /// Counts the rows; where policies hide some, the number is taken from the server's statistics.
  package func rowCount(on connection: Connection) throws(PostgresError) -> RowCount {
    guard hasActiveRowSecurity else {
      return .counted(try connection.scalar("SELECT count(*) FROM \(name)") ?? 0)
    }
    // As the planner estimates: rows per page at the last analysis, times the present number of
    // pages. The counter of live rows may count some twice, and is only used for tables that were
    // never analysed.
    let row = try connection.query(
      """
      SELECT coalesce(sum(coalesce(
               CASE WHEN c.relpages > 0 AND c.reltuples > 0
                    THEN c.reltuples / c.relpages * (pg_relation_size(c.oid) / b.size) END,
               pg_stat_get_live_tuples(c.oid))), 0)::int8,
             coalesce(sum(pg_relation_size(c.oid)), 0)::int8
      FROM pg_class c, (SELECT current_setting('block_size')::int8 AS size) b
      WHERE c.relkind = 'r' AND (c.oid = to_regclass(\(catalogueName))
        OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(\(catalogueName)))))
      """)
    let rows: Int = try row.value(0, 0)
    let bytes: Int = try row.value(0, 1)
    return rows == 0 && bytes > 0 ? .unknown : .estimated(rows)
  }
}
