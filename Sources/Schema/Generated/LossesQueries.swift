// Written by Scripts/embed-sets.py from Sources/Schema/SQL/losses.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of losses.sql.
enum LossesQueries {
  /// Lists the columns that hold values of a composite type: directly, in an array, a domain or
  /// another composite type.
  static func holders(composite: Int) -> SQL {
#"""
WITH RECURSIVE holding (type, is_direct) AS (
  SELECT reltype, true FROM pg_class WHERE oid = \#(composite)::bigint::oid
  UNION
  SELECT t.oid, false FROM holding h JOIN pg_type t ON t.typelem = h.type
    OR t.typbasetype = h.type OR t.typtype = 'c' AND EXISTS (
      SELECT FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.atttypid = h.type
        AND NOT a.attisdropped))
SELECT c.oid::bigint, a.attnum::int, bool_or(h.is_direct)
FROM holding h JOIN pg_attribute a ON a.atttypid = h.type AND NOT a.attisdropped
JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND a.attnum > 0
GROUP BY c.oid, a.attnum ORDER BY c.oid, a.attnum
"""#
  }

  /// Describes the tables that this transaction has written to, with the numbers of written rows.
  static let writtenRows: SQL = #"""
SELECT coalesce(string_agg(concat_ws(' ', oid, pg_stat_get_xact_tuples_inserted(oid),
  pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_deleted(oid)), ','
  ORDER BY oid), '')
FROM pg_class WHERE relkind IN ('r', 'm')
  AND (pg_stat_get_xact_tuples_inserted(oid) > 0 OR pg_stat_get_xact_tuples_updated(oid) > 0
    OR pg_stat_get_xact_tuples_deleted(oid) > 0)
"""#

  /// Counts the rows that this transaction has written, table by table; then a row (-1) with the
  /// transaction's number, and a row (0) where the server does not count.
  static func rowActivity(last: Int) -> SQL {
#"""
SELECT oid::bigint, CASE WHEN oid < 16384 THEN relname::text END,
  pg_stat_get_xact_tuples_inserted(oid), pg_stat_get_xact_tuples_updated(oid),
  pg_stat_get_xact_tuples_deleted(oid)
FROM pg_class
WHERE relkind IN ('r', 'm') AND oid <= \#(last)::bigint::oid
  AND (pg_stat_get_xact_tuples_inserted(oid) > 0 OR pg_stat_get_xact_tuples_updated(oid) > 0
    OR pg_stat_get_xact_tuples_deleted(oid) > 0)
UNION ALL SELECT -1, NULL, pg_current_xact_id()::xid::text::bigint, 0, 0
UNION ALL SELECT 0, NULL, 0, 0, 0 WHERE NOT current_setting('track_counts')::bool
"""#
  }

  /// Counts the locks with which this session writes to or changes tables.
  static func writeLocks(last: Int) -> SQL {
#"""
SELECT coalesce(l.relation, 0)::bigint, l.mode = 'RowExclusiveLock',
       coalesce(l.classid = 'pg_largeobject'::regclass, false), count(*)
FROM pg_locks l
WHERE l.pid = pg_backend_pid() AND l.granted
  AND (l.locktype = 'relation' AND l.relation <= \#(last)::bigint::oid
       OR l.locktype = 'object')
  AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock',
                 'ExclusiveLock', 'AccessExclusiveLock')
GROUP BY 1, 2, 3
"""#
  }

  /// Chooses from some tables those that this transaction has not read.
  static func uncounted(tables: SQL) -> SQL {
#"""
SELECT c.oid::bigint FROM pg_class c
WHERE c.oid IN (\#(tables)) AND c.relkind = 'r' AND pg_stat_get_xact_numscans(c.oid) = 0
  AND NOT EXISTS (
    SELECT FROM pg_index x
    WHERE x.indrelid = c.oid AND pg_stat_get_xact_numscans(x.indexrelid) > 0)
"""#
  }
}
