// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/ferry_schema.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of ferry_schema.sql.
enum FerrySchemaQueries {
  /// Checks whether the program's schema has a table.
  static func hasTable(table: String) -> SQL {
#"""
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  WHERE n.nspname OPERATOR(pg_catalog.=) 'vector_ferry'::pg_catalog.text
    AND c.relname OPERATOR(pg_catalog.=) \#(table)::pg_catalog.text
    AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog."char"[]))
"""#
  }

  /// Returns the given names, in their order, that no table, view or type of the schema has.
  static func missingRelations(names: String) -> SQL {
#"""
SELECT w.name FROM unnest(string_to_array(\#(names), ' ')) WITH ORDINALITY w(name, place)
WHERE NOT EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'vector_ferry' AND c.relname::text = w.name
    AND c.relkind IN ('r', 'p', 'v', 'c'))
ORDER BY w.place
"""#
  }

  /// Returns the given names, in their order, that no function of the schema has.
  static func missingFunctions(names: String) -> SQL {
#"""
SELECT w.name FROM unnest(string_to_array(\#(names), ' ')) WITH ORDINALITY w(name, place)
WHERE NOT EXISTS (
  SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'vector_ferry' AND p.proname::text = w.name)
ORDER BY w.place
"""#
  }

  /// Checks whether the role may replace the program's functions and its view, and record their
  /// digest.
  static func mayRenewFunctions(isOurs: SQL) -> SQL {
#"""
SELECT has_schema_privilege(n.oid, 'CREATE')
  AND has_table_privilege(to_regclass('vector_ferry.version'), 'UPDATE')
  AND NOT EXISTS (
    SELECT FROM pg_proc p
    WHERE p.pronamespace = n.oid AND \#(isOurs) AND NOT pg_has_role(p.proowner, 'USAGE'))
  AND NOT EXISTS (
    SELECT FROM pg_class c
    WHERE c.oid = to_regclass('vector_ferry.vector_search_stats')
      AND NOT pg_has_role(c.relowner, 'USAGE'))
FROM pg_namespace n WHERE n.nspname = 'vector_ferry'
"""#
  }

  /// Computes the digest of the program's files of functions and of the functions that the server
  /// has.
  static func functionsDigest(files: String, isOurs: SQL) -> SQL {
#"""
(SELECT encode(sha256(convert_to(concat(\#(files)::text, string_agg(
   concat_ws(chr(31), p.proname, p.prosrc, (
     SELECT s FROM unnest(p.proconfig) s WHERE starts_with(s, 'search_path='))),
   chr(30) ORDER BY p.proname::text COLLATE "C", p.prosrc COLLATE "C")), 'UTF8')), 'hex')
 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'vector_ferry' AND \#(isOurs))
"""#
  }

  /// Finds the first object of the program's schema that belongs to a role that is not trusted.
  static func foreignOwners(trusted: SQL) -> SQL {
#"""
WITH RECURSIVE \#(trusted), found (place, what, owner) AS (
  SELECT 0, format('SCHEMA %I', n.nspname), n.nspowner
  FROM pg_namespace n WHERE n.nspname = 'vector_ferry'
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 2 ELSE 1 END, format('%s %I.%I',
                   CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                     WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                   n.nspname, c.relname), c.relowner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'vector_ferry' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT 2, 'FUNCTION ' || p.oid::regprocedure::text, p.proowner
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'vector_ferry'
  UNION ALL
  SELECT 3, format('FUNCTION %s of the trigger %I on %I.%I', p.oid::regprocedure, g.tgname,
                   n.nspname, c.relname), p.proowner
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_class c ON c.oid = g.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'vector_ferry' AND NOT g.tgisinternal
)
SELECT what, pg_get_userbyid(owner)::text FROM found
WHERE owner NOT IN (SELECT oid FROM trusted) ORDER BY place, what LIMIT 1
"""#
  }

  /// Reads the settings of pgvector that the search functions have.
  static let tunedSettings: SQL = #"""
SELECT p.oid::regprocedure::text, split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, unnest(p.proconfig) s
WHERE n.nspname = 'vector_ferry'
  AND p.proname IN ('similarity_search', 'hybrid_search')
  AND (s LIKE 'hnsw.%' OR s LIKE 'ivfflat.%')
"""#
}
