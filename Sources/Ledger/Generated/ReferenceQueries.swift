// Written by Scripts/embed-sets.py from Sources/Ledger/SQL/reference.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of reference.sql.
enum ReferenceQueries {
  /// Finds the whole table that a table is part of, with all of its partitions.
  static func places(table: String) -> SQL {
#"""
WITH RECURSIVE places AS (
  SELECT coalesce(pg_partition_root(to_regclass(\#(table))), to_regclass(\#(table)))::oid AS oid
  UNION SELECT i.inhrelid FROM pg_inherits i JOIN places p ON i.inhparent = p.oid
)
SELECT oid FROM places WHERE oid IS NOT NULL
"""#
  }

  /// Reads the foreign keys that delete or change rows of other tables, one row for each pair of
  /// columns.
  static let keys: SQL = #"""
SELECT k.oid, k.conname::text, c.oid, cn.nspname::text, c.relname::text,
       f.oid, fn.nspname::text, f.relname::text,
       k.confdeltype::text, k.confupdtype::text,
       a.attname::text, b.attname::text, o.nspname::text, p.oprname::text
FROM pg_constraint k
JOIN pg_class c ON c.oid = coalesce(pg_partition_root(k.conrelid)::oid, k.conrelid)
JOIN pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_class f ON f.oid = coalesce(pg_partition_root(k.confrelid)::oid, k.confrelid)
JOIN pg_namespace fn ON fn.oid = f.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY
  AS u (own, other, equals, place)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.other
JOIN pg_operator p ON p.oid = u.equals
JOIN pg_namespace o ON o.oid = p.oprnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
  AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
ORDER BY cn.nspname, c.relname, k.conname, k.oid, u.place
"""#

  /// Counts the rows of some tables that this transaction has deleted and changed.
  static func changedRows(tables: Literal) -> SQL {
#"""
SELECT r.oid, sum(pg_stat_get_xact_tuples_deleted(p.oid))::int8,
       sum(pg_stat_get_xact_tuples_updated(p.oid))::int8
FROM unnest(\#(tables)::oid[]) AS r (oid) CROSS JOIN LATERAL (
  SELECT r.oid UNION SELECT relid::oid FROM pg_partition_tree(r.oid::regclass)) p
GROUP BY r.oid
"""#
  }

  /// Checks whether a name, which may be written in several ways, is the name of a table.
  static func isTable(name: String) -> SQL {
#"""
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND (n.nspname || '.' || c.relname = \#(name)
    OR \#(name) IN (format('%I.%I', n.nspname, c.relname),
                   format('"%s"."%s"', replace(n.nspname, '"', '""'),
                          replace(c.relname, '"', '""')))))
"""#
  }

  /// Finds a function that a trigger may run and that could switch off the counting of rows.
  static let functionThatHidesCounts: SQL = #"""
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.oid >= 16384 AND (strpos(lower(p.prosrc), 'track_counts') > 0
    OR strpos(lower(p.proconfig::text), 'track_counts') > 0)
  AND EXISTS (
    SELECT FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid
    WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
      AND (f.oid = p.oid OR strpos(f.prosrc, p.proname::text) > 0))
ORDER BY 1 LIMIT 1
"""#

  /// Reads all permanent tables: their files, and the number of rows that this transaction has deleted
  /// from each.
  static let tables: SQL = #"""
SELECT c.oid::int8,
       CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE c.oid END::int8,
       n.nspname::text, c.relname::text, c.relfilenode::int8,
       pg_stat_get_xact_tuples_deleted(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.oid >= 16384
  AND n.nspname <> 'vector_ferry'
"""#
}
