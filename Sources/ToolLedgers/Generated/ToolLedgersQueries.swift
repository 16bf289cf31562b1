// Written by Scripts/embed-sets.py from Sources/ToolLedgers/SQL/tool_ledgers.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of tool_ledgers.sql.
enum ToolLedgersQueries {
  /// Reads the kind and the owner of a table, and its columns with their types; finds no row where
  /// there is no such table.
  static func columns(table: String) -> SQL {
#"""
SELECT c.relkind::text, pg_get_userbyid(c.relowner)::text, a.attname::text, t.typname::text
FROM pg_class c
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass(\#(table))
"""#
  }

  /// Finds out whether the schema of a table has another table with this name.
  static func hasNeighbour(table: String, neighbour: String) -> SQL {
#"""
SELECT EXISTS (
  SELECT FROM pg_class c JOIN pg_class n ON n.relnamespace = c.relnamespace
  WHERE c.oid = to_regclass(\#(table)) AND n.relname = \#(neighbour))
"""#
  }

  /// Lists the migrations in a table whose rows have no order but that of their versions.
  static func byVersion(table: SQL, name: SQL, time: SQL) -> SQL {
#"""
SELECT version::text, \#(name)::text, \#(time)::text, true FROM \#(table)
ORDER BY length(version::text), version::text
"""#
  }

  /// Lists the migrations in a table that names them and has a column for their order.
  static func byName(table: SQL, name: SQL, time: SQL, order: SQL) -> SQL {
#"""
SELECT NULL::text, \#(name)::text, \#(time)::text, true FROM \#(table) ORDER BY \#(order)
"""#
  }

  /// Lists the migrations of Cartrita's runner.
  static func cartrita(table: SQL) -> SQL {
#"""
SELECT version::text, description::text, applied_at::text, true FROM \#(table)
ORDER BY applied_at, version
"""#
  }

  /// Lists the migrations that goose has applied: the last row of a version decides.
  static func goose(table: SQL) -> SQL {
#"""
SELECT version_id::text, NULL::text, tstamp::text, true FROM (
  SELECT DISTINCT ON (version_id) version_id, is_applied, tstamp FROM \#(table)
  ORDER BY version_id, id DESC) AS last
WHERE is_applied AND version_id > 0 ORDER BY version_id
"""#
  }

  /// Lists the migrations of tern, which counts its migrations from 1.
  static func tern(table: SQL) -> SQL {
#"""
SELECT n::text, NULL::text, NULL::text, true
FROM \#(table), generate_series(1, version) AS n ORDER BY n
"""#
  }

  /// Lists the versions of Flyway that are applied or have failed; those that were undone are left out.
  static func flyway(table: SQL) -> SQL {
#"""
SELECT version::text, script::text, installed_on::text, success FROM (
  SELECT DISTINCT ON (version) * FROM \#(table)
  WHERE version IS NOT NULL ORDER BY version, installed_rank DESC) AS last
WHERE type NOT LIKE 'UNDO%' ORDER BY installed_rank
"""#
  }

  /// Lists the migrations of Drizzle, which names them by the hash of their files.
  static func drizzle(table: SQL) -> SQL {
#"""
SELECT NULL::text, hash::text, to_timestamp(created_at / 1000.0)::text, true FROM \#(table)
ORDER BY id
"""#
  }

  /// Lists the migrations of Prisma; those that were rolled back are left out.
  static func prisma(table: SQL) -> SQL {
#"""
SELECT NULL::text, migration_name::text, started_at::text, finished_at IS NOT NULL FROM \#(table)
WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name
"""#
  }
}
