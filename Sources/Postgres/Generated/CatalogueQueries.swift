// Written by Scripts/embed-sets.py from Sources/Postgres/SQL/catalogue.sql; do not edit.
// swift-format-ignore-file

/// The SQL of catalogue.sql.
enum CatalogueQueries {
  /// Finds the full name of a table or index from its name in a statement; no row where there is no
  /// such table or index.
  static func fullName(name: String) -> SQL {
#"""
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(\#(name))::pg_catalog.oid
"""#
  }

  /// Lists the constraints and unique indexes of all permanent tables.
  static let constraints: SQL = #"""
SELECT n.nspname::text, c.relname::text, k.name::text
FROM (
  SELECT conrelid AS owner, conname AS name FROM pg_catalog.pg_constraint
  UNION SELECT x.indrelid, i.relname FROM pg_catalog.pg_index x
    JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid WHERE x.indisunique
) k JOIN pg_catalog.pg_class c ON c.oid = k.owner
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
"""#
}
