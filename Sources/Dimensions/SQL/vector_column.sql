-- Finds a table and its column: names, kind, dimension, rights, and whether it is part of a
-- hierarchy.
-- query find(column: String, table: String)
SELECT format('%I.%I', n.nspname, c.relname), n.nspname::text, c.relname::text,
       c.relkind::text, row_security_active(c.oid), a.atttypmod, a.attnotnull,
       a.attacl IS NOT NULL, t.typname::text,
       EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhparent, inhrelid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a
  ON a.attrelid = c.oid AND a.attname = :'column' AND a.attnum > 0
LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass(:'table');

-- Lists the objects that depend on a column, except indexes that are made anew, NOT NULL and the
-- program's own triggers.
-- query dependents(table: String, column: String, replacedIndexes: SQL, prefix: String)
SELECT DISTINCT d.classid, d.objid, d.objsubid
FROM pg_depend d
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(:'table')
  AND a.attname = :'column' AND d.deptype IN ('n', 'a')
  AND NOT (d.classid = 'pg_class'::regclass AND EXISTS (:replacedIndexes))
  AND NOT (d.classid = 'pg_constraint'::regclass AND EXISTS (
    SELECT FROM pg_constraint k WHERE k.oid = d.objid AND k.contype = 'n'))
  AND NOT (d.classid = 'pg_trigger'::regclass AND EXISTS (
    SELECT FROM pg_trigger g
    WHERE g.oid = d.objid AND starts_with(g.tgname::text, :'prefix')));

-- Finds a row where the object `d` is an index that only serves searches: HNSW or IVFFlat over all
-- rows, on the column `a` itself or on the column in half precision.
-- part replacedIndexes
SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE i.indexrelid = d.objid AND m.amname IN ('hnsw', 'ivfflat')
  AND i.indpred IS NULL AND NOT i.indisunique
  AND (i.indexprs IS NULL OR pg_get_indexdef(i.indexrelid, 1, true) IN (
    SELECT format(shape, a.attname, format_type(t.oid, a.atttypmod))
    FROM pg_type t, unnest(ARRAY['(%I::%s)', '%I::%s']) shape
    WHERE t.typname = 'halfvec' AND t.typnamespace = (
      SELECT v.typnamespace FROM pg_type v WHERE v.oid = a.atttypid)))

-- Lists the triggers that may change rows after this program's triggers.
-- query laterTriggers(table: String, prefix: String)
SELECT g.tgname::text FROM pg_trigger g
WHERE g.tgrelid = to_regclass(:'table') AND NOT g.tgisinternal AND g.tgenabled <> 'D'
  AND g.tgtype & 3 = 3 AND g.tgtype & 20 <> 0  -- BEFORE, by row, at INSERT or UPDATE
  AND g.tgname::text COLLATE "C" > :'prefix'
  AND NOT starts_with(g.tgname::text, :'prefix')
ORDER BY g.tgname;

-- Reads the properties of a column that another column must get: comment, statistics, storage,
-- compression and options.
-- query properties(compression: SQL, table: String, column: String)
SELECT col_description(a.attrelid, a.attnum), a.attstattarget::int8,
       CASE a.attstorage WHEN t.typstorage THEN NULL WHEN 'p' THEN 'PLAIN'
         WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END,
       CASE :compression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
       array_to_string(a.attoptions, ', ')
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(:'table') AND a.attname = :'column';

-- Returns whether a column holds texts, and whether it can be written to because it is not
-- generated; no row where there is no such column.
-- query textColumn(types: SQL, table: String, column: String)
SELECT a.atttypid IN (:types), a.attgenerated::text = ''
FROM pg_attribute a
WHERE a.attrelid = to_regclass(:'table') AND a.attname = :'column'
  AND a.attnum > 0 AND NOT a.attisdropped;
