// Written by Scripts/embed-sets.py from Sources/Takeover/SQL/structure.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of structure.sql.
enum StructureQueries {
  /// Lists what belongs to the tables of a schema, and its functions, views and types: one row for
  /// each, with its kind, its table, its name, its definition, and for columns the name of the type.
  static func items(schema: String) -> SQL {
#"""
WITH place AS (
  SELECT n.oid FROM pg_namespace n WHERE n.nspname = \#(schema)
), tables AS (
  SELECT c.* FROM pg_class c JOIN place p ON p.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
)
SELECT 'table', t.relname::text, t.relname::text, '', '' FROM tables t
UNION ALL
SELECT 'column', t.relname::text, a.attname::text,
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
       y.typname::text
FROM tables t
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
UNION ALL
SELECT 'constraint', t.relname::text, k.conname::text, pg_get_constraintdef(k.oid), ''
FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT 'index', t.relname::text, c.relname::text,
       CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
         || substr(d.text, strpos(d.text, ' USING ') + 1), ''
FROM tables t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL pg_get_indexdef(i.indexrelid) AS d(text)
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                    AND k.contype IN ('p', 'u', 'x'))
UNION ALL
-- A function that only sets columns of the row is known by them: its name and its words differ from
-- one script to another. Any other function is known by its name.
SELECT 'trigger', t.relname::text, g.tgname::text,
       g.tgtype::text || ' ' || g.tgattr::text || ' '
         || CASE WHEN p.prosrc ~* '\m(insert|update|delete|truncate|perform|execute|notify|raise)\M'
                 THEN p.proname::text
                 ELSE coalesce('sets ' || w.columns, p.proname::text) END
         || CASE WHEN g.tgqual IS NULL THEN '' ELSE ' when' END, ''
FROM tables t
JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
JOIN pg_proc p ON p.oid = g.tgfoid
CROSS JOIN LATERAL (
  SELECT string_agg(DISTINCT lower(m.found[1]), ',') AS columns
  FROM regexp_matches(p.prosrc, 'new\.(\w+)\s*[^\w\s]?=', 'gi') AS m(found)) w
UNION ALL
SELECT 'sequence', t.relname::text, s.relname::text, a.attname::text, ''
FROM tables t
JOIN pg_depend d ON d.refobjid = t.oid AND d.refclassid = 'pg_class'::regclass
  AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
UNION ALL
SELECT 'security', t.relname::text, w.word, '', ''
FROM tables t
JOIN LATERAL (VALUES ('enabled', t.relrowsecurity), ('forced', t.relforcerowsecurity))
  w(word, holds) ON w.holds
UNION ALL
SELECT 'policy', t.relname::text, p.polname::text,
       p.polcmd::text || ' ' || coalesce(pg_get_expr(p.polqual, t.oid), '') || ' '
         || coalesce(pg_get_expr(p.polwithcheck, t.oid), ''), ''
FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
UNION ALL
SELECT 'function', '', f.proname::text, oidvectortypes(f.proargtypes), ''
FROM pg_proc f JOIN place p ON p.oid = f.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e'
                    AND d.classid = 'pg_proc'::regclass)
UNION ALL
SELECT 'view', '', c.relname::text, '', ''
FROM pg_class c JOIN place p ON p.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
UNION ALL
SELECT 'type', '', y.typname::text,
       (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e
        WHERE e.enumtypid = y.oid), ''
FROM pg_type y JOIN place p ON p.oid = y.typnamespace WHERE y.typtype = 'e'
ORDER BY 1, 2, 3, 4
"""#
  }

  /// Finds the schema that a table is in.
  static func schema(table: String) -> SQL {
#"""
SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(\#(table))
"""#
  }

  /// Finds the schema that pgvector is in.
  static let vectorSchema: SQL = #"""
SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'vector'
"""#
}
