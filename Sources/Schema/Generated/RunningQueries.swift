// Written by Scripts/embed-sets.py from Sources/Schema/SQL/running.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of running.sql.
enum RunningQueries {
  /// Makes an index on an empty table with the same columns, which shows how the server reads the
  /// definition.
  static func tryIndex(table: SQL, unique: SQL, definition: SQL) -> SQL {
#"""
SET LOCAL client_min_messages = error;
CREATE TEMPORARY TABLE vector_ferry_rehearsal (LIKE \#(table));
CREATE \#(unique) INDEX vector_ferry_rehearsal_index
  ON pg_temp.vector_ferry_rehearsal \#(definition);
"""#
  }

  /// Lists the indexes of a table that have the definition of another index.
  static func sameIndexes(table: String, name: String) -> SQL {
#"""
WITH definitions AS (
  SELECT i.*, d.text, substr(d.text, strpos(d.text, ' USING ')) AS body
  FROM pg_index i, pg_get_indexdef(i.indexrelid) AS d(text)
  WHERE i.indrelid = to_regclass(\#(table)) OR i.indexrelid = to_regclass(\#(name)))
SELECT format('%I.%I', n.nspname, c.relname), real.indisvalid
FROM definitions real
JOIN definitions wanted ON wanted.indexrelid = to_regclass(\#(name))
JOIN pg_class c ON c.oid = real.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE real.indrelid = to_regclass(\#(table)) AND real.body = wanted.body
  AND real.indisunique = wanted.indisunique
"""#
  }

  /// Writes out the full name of an index, which is in the schema of its table.
  static func indexName(name: String, table: String) -> SQL {
#"""
SELECT format('%I.', n.nspname)
  || (SELECT quote_ident(part[array_upper(part, 1)]) FROM parse_ident(\#(name)) part)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(\#(table))
"""#
  }

  /// Finds a function or view with a name whose owner is not trusted.
  static func foreignOwner(trusted: SQL, name: String, schema: String?) -> SQL {
#"""
WITH RECURSIVE \#(trusted), found (what, name, place, owner) AS (
  SELECT 'FUNCTION ' || p.oid::regprocedure::text, p.proname, p.pronamespace, p.proowner
  FROM pg_proc p
  UNION ALL
  SELECT 'VIEW ' || c.oid::regclass::text, c.relname, c.relnamespace, c.relowner
  FROM pg_class c WHERE c.relkind = 'v'
)
SELECT f.what, pg_get_userbyid(f.owner)::text
FROM found f JOIN pg_namespace n ON n.oid = f.place, parse_ident(\#(name)) AS parts
WHERE f.name::text = parts[cardinality(parts)]
  AND n.nspname::text = CASE WHEN cardinality(parts) > 1 THEN parts[1] ELSE \#(schema) END
  AND f.owner NOT IN (SELECT oid FROM trusted)
ORDER BY 1 LIMIT 1
"""#
  }

  /// Finds an object of a schema that could be confused with an object of pgvector.
  static func double(vectorSchema: String, schema: String) -> SQL {
#"""
WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname = \#(vectorSchema)),
     theirs AS (SELECT oid FROM pg_namespace WHERE nspname = \#(schema))
SELECT what FROM (
  SELECT 'type ' || t.typname AS what FROM pg_type t JOIN pg_type v USING (typname)
  WHERE t.typnamespace = (SELECT oid FROM theirs)
    AND v.typnamespace = (SELECT oid FROM ours)
    AND v.typname IN ('vector', 'halfvec', 'sparsevec')
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure::text
  FROM pg_proc p JOIN pg_proc v USING (proname, proargtypes)
  WHERE p.pronamespace = (SELECT oid FROM theirs)
    AND v.pronamespace = (SELECT oid FROM ours)
  UNION ALL
  SELECT 'operator ' || o.oid::regoperator::text
  FROM pg_operator o JOIN pg_operator v USING (oprname, oprleft, oprright)
  WHERE o.oprnamespace = (SELECT oid FROM theirs)
    AND v.oprnamespace = (SELECT oid FROM ours)
) found ORDER BY 1 LIMIT 1
"""#
  }
}
