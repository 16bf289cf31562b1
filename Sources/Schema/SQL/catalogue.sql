-- Lists the tables and indexes of a database, with their methods and whether they are valid.
-- query relations
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
       coalesce(a.amname, '')::text, c.relkind IN ('i', 'I'), coalesce(i.indisvalid, true),
       c.oid::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am a ON a.oid = c.relam
LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'i', 'I') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema';

-- Lists the temporary objects of the session.
-- query temporaryObjects
SELECT o.number::bigint, o.name FROM (
  SELECT c.oid AS number, CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'S' THEN 'sequence '
           WHEN 'c' THEN 'type ' ELSE 'table ' END || c.relname AS name
  FROM pg_class c
  WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind IN ('r', 'p', 'f', 'v', 'S', 'c')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                    AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
  UNION ALL
  SELECT p.oid, 'function ' || p.proname FROM pg_proc p
  WHERE p.pronamespace = pg_my_temp_schema()
  UNION ALL
  SELECT t.oid, 'type ' || t.typname FROM pg_type t
  WHERE t.typnamespace = pg_my_temp_schema() AND t.typtype IN ('d', 'e', 'r')
) o
-- Most sessions have no temporary schema: then nothing is searched.
WHERE (SELECT pg_my_temp_schema()) <> 0 ORDER BY o.number;

-- Lists the invalid indexes of a table, or only the one with a name.
-- query invalidIndexes(table: String, name: String?)
SELECT format('%I.%I', n.nspname, c.relname), a.amname::text,
       c.relname ~ '_cc(new|old)[0-9]*$'
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
WHERE i.indrelid = to_regclass(:'table') AND NOT i.indisvalid AND c.relkind = 'i'
  AND (:'name'::text IS NULL OR i.indexrelid = to_regclass(:'name'))
ORDER BY 1;

-- Finds a session that builds an index on a table.
-- query builder(table: String)
SELECT p.pid FROM pg_stat_progress_create_index p
WHERE p.pid <> pg_backend_pid() AND p.datname = current_database()
  AND (p.relid = to_regclass(:'table')
    -- For the build of another role the server does not show the table, but it shows the lock.
    OR p.relid IS NULL AND EXISTS (
      SELECT FROM pg_locks l
      WHERE l.pid = p.pid AND l.relation = to_regclass(:'table') AND l.granted
        AND l.mode IN ('ShareLock', 'ShareUpdateExclusiveLock')))
LIMIT 1;

-- Names the kind of a relation that should be a permanent table and is none.
-- query otherKind(name: String, mayBeUnlogged: Bool)
SELECT CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view'
                      WHEN 'f' THEN 'a foreign table' ELSE 'an UNLOGGED table' END
FROM pg_class c WHERE c.oid = to_regclass(:'name')
  AND (c.relkind IN ('v', 'm', 'f') OR c.relpersistence = 'u' AND NOT :'mayBeUnlogged');

-- Lists the columns of vectors of a table, and whether row security restricts this role.
-- query vectorColumns(table: String)
SELECT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname),
       row_security_active(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass(:'table') AND t.typname IN ('vector', 'halfvec', 'sparsevec')
ORDER BY a.attnum;

-- Lists the permanent sequences that the role may read and set.
-- query sequences
SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't'
  AND has_sequence_privilege(s.seqrelid, 'SELECT') AND has_sequence_privilege(s.seqrelid, 'UPDATE')
  AND has_schema_privilege(n.oid, 'USAGE');

-- Reads the files of all tables and indexes, and estimates the tables' rows.
-- query files
SELECT c.oid::bigint, coalesce(pg_relation_filenode(c.oid), 0)::bigint,
       CASE WHEN c.relkind <> 'r' THEN 0
            WHEN c.reltuples < 0 THEN pg_relation_size(c.oid) / 100.0
            ELSE c.reltuples END::float8, c.relkind = 'r'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'i', 'I') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema';
