-- Reads all changes of dimensions.
-- query all
SELECT id, table_name, column_name, from_dimensions, to_dimensions, projection_id, recall,
       must_be_given, state, r ->> 'provider', r ->> 'model',
       coalesce(r ->> 'model_version', ''), coalesce(r ->> 'text_column', '')
FROM vector_ferry.dimension_changes c, to_jsonb(c) r  -- an earlier record has not all of them
ORDER BY id;

-- Records that a change begins.
-- query begin(table: String, column: String, from: Int, to: Int, projection: Int?, recall: Double?,
--   mustBeGiven: Bool, method: String, provider: String?, model: String?, modelVersion: String?,
--   textColumn: String?)
INSERT INTO vector_ferry.dimension_changes
  (table_name, column_name, from_dimensions, to_dimensions, projection_id, recall,
   must_be_given, state, method, provider, model, model_version, text_column)
VALUES (:'table', :'column', :'from', :'to',
        :'projection', :'recall', :'mustBeGiven', 'filling', :'method',
        :'provider', :'model', :'modelVersion', :'textColumn');

-- Records the state of a change, and the time at which the change reached this state.
-- query setState(state: String, isSwapped: Bool, change: Int)
UPDATE vector_ferry.dimension_changes
SET state = :'state', filler = NULL,
    swapped_at = CASE WHEN :'isSwapped' THEN now() ELSE swapped_at END,
    ended_at = CASE WHEN :'isSwapped' THEN ended_at ELSE now() END
WHERE id = :'change';

-- Lists the functions of changes that do not fix their search path, or that other roles may
-- execute.
-- query exposedFunctions(pattern: String)
SELECT p.proname::text FROM pg_proc p
WHERE p.pronamespace = to_regnamespace('vector_ferry') AND p.pronargs = 0
  AND p.proname ~ :'pattern'
  AND (p.proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']
    OR EXISTS (
      SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      WHERE a.grantee <> p.proowner));

-- Lists the sessions that have locked rows without a new vector; reads at most 1000 of these rows.
-- query rowHolders(table: SQL, waiting: SQL)
SELECT DISTINCT l.pid FROM (
  SELECT t.xmax AS holder FROM :table t WHERE :waiting LIMIT 1000) r
JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted
  AND l.transactionid = r.holder AND l.pid <> pg_backend_pid();

-- Lists the sessions that have written to a table, or have locked rows of it.
-- query tableHolders(table: String)
SELECT DISTINCT l.pid FROM pg_locks l
WHERE l.locktype = 'relation' AND l.relation = to_regclass(:'table')
  AND l.mode IN ('RowShareLock', 'RowExclusiveLock') AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid <> pg_backend_pid();

-- Lists the open transactions of the database's other sessions.
-- query openTransactions
SELECT l.virtualxid, l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid()
  AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND coalesce(a.backend_type, 'client backend') = 'client backend';

-- Computes the distance between the vector of a row and a vector that was made from the row's text.
-- query distance(target: Identifier, schema: Identifier, made: VectorValue, type: QualifiedName,
--   table: SQL, key: Identifier, row: String, keyType: SQL, text: Identifier, sample: String)
SELECT t.:"target" OPERATOR(:"schema".<=>)
  :'made':::type
FROM :table t
WHERE t.:"key" = :'row'::text:::keyType
  AND t.:"text"::text COLLATE "C" = :'sample';

-- Names a right that the role needs to change a column of a table and does not have; null where it
-- has all rights.
-- query missingRight(table: String)
SELECT CASE
  WHEN NOT pg_has_role(c.relowner, 'USAGE')
    THEN format('table %s belongs to %s', :'table', c.relowner::regrole)
  WHEN NOT has_schema_privilege(c.relnamespace, 'CREATE')
    THEN format('the role may make nothing in schema %s', c.relnamespace::regnamespace)
  WHEN f.oid IS NULL AND NOT has_database_privilege(current_database(), 'CREATE')
    THEN 'the role may make no schema in this database'
  WHEN f.oid IS NOT NULL AND NOT pg_has_role(f.nspowner, 'USAGE')
    THEN format('schema vector_ferry belongs to %s', f.nspowner::regrole)
  WHEN f.oid IS NOT NULL THEN (
    SELECT format('%s of schema vector_ferry belongs to %s', p.proname, p.proowner::regrole)
    FROM pg_proc p WHERE p.pronamespace = f.oid AND NOT pg_has_role(p.proowner, 'USAGE')
    LIMIT 1)
  END
FROM pg_class c LEFT JOIN pg_namespace f ON f.nspname = 'vector_ferry'
WHERE c.oid = to_regclass(:'table');
