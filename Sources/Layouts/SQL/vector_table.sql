-- Finds a table: its id, schema, kind and full name, and whether row security restricts this
-- role.
-- query find(name: String)
SELECT c.oid, n.nspname::text, c.relkind::text, row_security_active(c.oid),
       format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(:'name');

-- Finds the unique indexes of a table, and of its partitions, with the id column in their key.
-- query idIndexes(table: Int, key: String)
SELECT n.nspname::text || '.' || t.relname::text || '.' || c.relname::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE i.indisunique
  AND (t.oid = :'table'::oid
    OR t.oid IN (SELECT relid FROM pg_partition_tree((:'table'::oid)::regclass)))
  AND EXISTS (
    SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
    WHERE a.attname = :'key' AND k.place <= i.indnkeyatts);

-- Reads the columns of a table, and whether an insert must give a value for them.
-- query columns(table: Int)
SELECT a.attname::text, t.typname::text, a.atttypmod,
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = :'table'::oid AND a.attnum > 0 AND NOT a.attisdropped;

-- Finds a function that has the name of the function that is to be created for a table's
-- trigger, but is owned by a role that is not trusted, or is not a trigger function.
-- query touchFunctions(trusted: SQL, schema: String?, function: String)
WITH RECURSIVE :trusted
SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner)::text,
       p.proowner IN (SELECT oid FROM trusted)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = coalesce(:'schema', current_schema()::text)
  AND p.proname = :'function' AND p.pronargs = 0
  AND (p.proowner NOT IN (SELECT oid FROM trusted) OR p.prorettype <> 'trigger'::regtype
    OR p.prokind <> 'f');

-- Finds the triggers of a table whose function is in the schema vector_ferry, or has the given
-- name, and is owned by a role that is not trusted.
-- query foreignTriggers(trusted: SQL, table: String, schema: String?, function: String)
WITH RECURSIVE :trusted
SELECT DISTINCT format('FUNCTION %s of the trigger %I on %I.%I', p.oid::regprocedure,
                       g.tgname, s.nspname, c.relname), pg_get_userbyid(p.proowner)::text
FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
WHERE (c.oid = to_regclass(:'table')
    OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(:'table'))))
  AND NOT g.tgisinternal AND g.tgparentid = 0
  AND (n.nspname = 'vector_ferry'
    OR n.nspname = :'schema' AND p.proname = :'function')
  AND p.proowner NOT IN (SELECT oid FROM trusted)
ORDER BY 1;

-- Estimates the rows of a table as the planner does, and reads its size.
-- query rowEstimate(table: String)
SELECT coalesce(sum(coalesce(
         CASE WHEN c.relpages > 0 AND c.reltuples > 0
              THEN c.reltuples / c.relpages * (pg_relation_size(c.oid) / b.size) END,
         pg_stat_get_live_tuples(c.oid))), 0)::int8,
       coalesce(sum(pg_relation_size(c.oid)), 0)::int8
FROM pg_class c, (SELECT current_setting('block_size')::int8 AS size) b
WHERE c.relkind = 'r' AND (c.oid = to_regclass(:'table')
  OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(:'table'))));

-- Lists the triggers and rules that a write to a table fires, except those of this program.
-- query triggers(trusted: SQL, table: String, isOurs: SQL, hasRowSecurity: Bool)
WITH RECURSIVE :trusted, places AS (
  SELECT to_regclass(:'table')::oid AS oid
  UNION SELECT relid::oid FROM pg_partition_tree(to_regclass(:'table'))
), found AS (
  SELECT g.tgname::text AS name,
         CASE WHEN g.tgtype & 2 <> 0 THEN 'BEFORE ' ELSE 'AFTER ' END
           || array_to_string(ARRAY[
                CASE WHEN g.tgtype & 4 <> 0 THEN 'INSERT' END,
                CASE WHEN g.tgtype & 8 <> 0 THEN 'DELETE' END,
                CASE WHEN g.tgtype & 16 <> 0 THEN 'UPDATE' END], ' OR ')
           || CASE WHEN g.tginitdeferred THEN ', at COMMIT' ELSE '' END AS what
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
  JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE g.tgrelid IN (SELECT oid FROM places) AND NOT g.tgisinternal AND g.tgparentid = 0
    AND g.tgenabled IN ('O', 'A') AND g.tgtype & 28 <> 0
    AND NOT (p.proowner IN (SELECT oid FROM trusted) AND :isOurs)
  UNION ALL
  SELECT w.rulename::text,
         'rule ON ' || CASE w.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT'
                                      ELSE 'DELETE' END
  FROM pg_rewrite w
  WHERE w.ev_class IN (SELECT oid FROM places) AND w.ev_type <> '1' AND w.ev_enabled <> 'D'
    AND (w.ev_type <> '3' OR :'hasRowSecurity')
)
SELECT DISTINCT name || ' (' || what || ')' FROM found ORDER BY 1;

-- Checks whether the function `p` in the schema `n` and the trigger `g` are this program's.
-- part isOurs(schema: String?, function: String)
(n.nspname = 'vector_ferry' AND starts_with(p.proname::text, 'follow_change_')
    AND g.tgtype = 1 | 2 | 4 | 16
  OR n.nspname = :'schema' AND p.proname = :'function'
    AND g.tgtype = 1 | 2 | 16 AND g.tgqual IS NULL
    AND regexp_replace(p.prosrc, '\s+', ' ', 'g') IN
      (' BEGIN NEW.updated_at := pg_catalog.now(); RETURN NEW; END ',
       ' BEGIN NEW.updated_at := now(); RETURN NEW; END '))

-- Finds a part of a table that does not keep its rows: temporary, unlogged or foreign.
-- query impermanentPlace(table: String)
SELECT format('%I.%I', n.nspname, c.relname), c.relpersistence::text, c.relkind::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (c.oid = to_regclass(:'table')
    OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(:'table'))))
  AND (c.relpersistence <> 'p' OR c.relkind = 'f')
ORDER BY c.relpersistence <> 't', 1 LIMIT 1;

-- Lists the unlogged tables of the program's schema.
-- query unloggedTables
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'vector_ferry' AND c.relkind IN ('r', 'p') AND c.relpersistence = 'u'
ORDER BY 1;

-- Reads the files of a table and of its partitions, the number of rows that this transaction has
-- written to them, and whether the server counts such rows.
-- query files(table: String)
WITH RECURSIVE places AS (
  SELECT to_regclass(:'table')::oid AS oid
  UNION SELECT i.inhrelid FROM pg_inherits i JOIN places p ON i.inhparent = p.oid
)
SELECT oid::int8, coalesce(pg_relation_filenode(oid)::int8, 0),
       pg_stat_get_xact_tuples_inserted(oid), pg_stat_get_xact_tuples_updated(oid),
       pg_stat_get_xact_tuples_deleted(oid), current_setting('track_counts') = 'on'
FROM places
WHERE oid IS NOT NULL;
