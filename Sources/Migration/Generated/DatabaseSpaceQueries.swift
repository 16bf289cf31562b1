// Written by Scripts/embed-sets.py from Sources/Migration/SQL/database_space.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of database_space.sql.
enum DatabaseSpaceQueries {
  /// Reads the bytes that a table with its partitions, its indexes and the program's own schema take,
  /// and the versions of the server and of pgvector; a table that does not exist takes none.
  static func space(table: String) -> SQL {
#"""
WITH parts AS (
  SELECT to_regclass(\#(table)) AS part
  UNION SELECT relid FROM pg_partition_tree(to_regclass(\#(table))))
SELECT
  (SELECT coalesce(sum(pg_table_size(part)), 0)::int8 FROM parts),
  (SELECT coalesce(sum(pg_indexes_size(part)), 0)::int8 FROM parts),
  (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8
   FROM pg_class c
   WHERE c.relnamespace = to_regnamespace('vector_ferry') AND c.relkind = 'r'),
  current_setting('server_version'),
  (SELECT extversion::text FROM pg_extension WHERE extname = 'vector')
"""#
  }
}
