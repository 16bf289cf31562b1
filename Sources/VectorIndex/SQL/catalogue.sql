-- Lists the vector indexes of a table; `column` is the quoted name of its column of vectors.
-- query indexes(column: SQL, table: String)
SELECT n.nspname::text, c.relname::text, a.amname::text,
       coalesce(pg_get_indexdef(c.oid, 1, true), ''),
       (SELECT o.opcname::text FROM pg_opclass o WHERE o.oid = i.indclass[0]),
       i.indisvalid AND i.indisready, c.relname ~ '_cc(new|old)[0-9]*$',
       -- The size of a partitioned table's index is that of its partitions' indexes.
       (SELECT sum(pg_relation_size(p.oid)) FROM pg_class p
        WHERE p.oid = c.oid OR c.relkind = 'I'
          AND p.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))::int8,
       coalesce(pg_stat_get_numscans(c.oid), 0),
       obj_description(c.oid, 'pg_class'), array_to_string(c.reloptions, ' '),
       format('%I.%I', n.nspname, c.relname), pg_get_expr(i.indpred, i.indrelid),
       coalesce(pg_get_indexdef(c.oid, 1, false) = :column
         OR replace(pg_get_indexdef(c.oid, 1, false), :column, '@')
            ~ '^\(+@\)+::([^:]+\.)?halfvec\(\d+\)\)*$', false),
       c.relispartition, c.relkind = 'I', pg_relation_filenode(c.oid)::int8
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
WHERE i.indrelid = to_regclass(:'table')
  AND a.amname IN ('hnsw', 'ivfflat')
ORDER BY 2;

-- Lists the other sessions of the database.
-- query otherSessions
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  -- The kind of another role's session may be hidden.
  AND coalesce(backend_type, 'client backend') = 'client backend';

-- Lists the search functions in the program's schema.
-- query searchFunctions
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'vector_ferry'
  AND p.proname IN ('similarity_search', 'hybrid_search') AND p.prokind = 'f'
ORDER BY 1;

-- Returns whether the search functions search a table.
-- query isSearched(table: String)
SELECT EXISTS (
  SELECT FROM vector_ferry.document_tables() d
  WHERE d = to_regclass(:'table')
    OR d IN (SELECT a.relid FROM pg_partition_ancestors(to_regclass(:'table')) a));
