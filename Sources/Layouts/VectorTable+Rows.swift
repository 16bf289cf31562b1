package import Postgres

/// How many rows a table has, and how that is known.
package enum RowCount: Sendable, Equatable {
  /// Each was counted.
  case counted(Int)
  /// Row-level security hides rows from the role: this is what the server's statistics say.
  case estimated(Int)
  /// They are hidden, and there are no statistics yet.
  case unknown

  /// The number; 0 where it is not known.
  package var number: Int {
    switch self {
    case .counted(let rows), .estimated(let rows): rows
    case .unknown: 0
    }
  }
}

extension VectorTable {
  /// Counts the rows; where policies hide some, a count would say too little, and the server's
  /// statistics are asked instead.
  package func rowCount(on connection: Connection) throws(PostgresError) -> RowCount {
    guard hasActiveRowSecurity else {
      return .counted(try connection.scalar("SELECT count(*) FROM \(name)") ?? 0)
    }
    // As the planner does: rows per page when last analysed, times the pages of now. The count of
    // live rows may have some twice, and is for tables that were never analysed.
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
