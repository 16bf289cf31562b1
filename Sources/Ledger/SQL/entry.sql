-- Reads the ledger's entry of a store, and the number of the store's rows that are still in the
-- table.
-- query entry(rows: SQL, table: String, user: String, collection: String)
SELECT s.id, s.run_id, s.source_digest, s.settings, s.source_dimensions, s.documents,
       (SELECT count(*)
        FROM vector_ferry.documents d JOIN :rows t ON t.id = d.document_id
        WHERE d.store_id = s.id
          AND t.user_id = s.user_id AND t.collection_name = s.collection_name),
       s.source_path
FROM vector_ferry.stores s
WHERE s.table_name = :'table'
  AND s.user_id = :'user' AND s.collection_name = :'collection';

-- Reads the rows of a store that the ledger lists, with their fingerprints.
-- query rows(rows: SQL, store: Int, user: Literal, collection: Literal)
SELECT t.id, d.fingerprint, d.has_timestamp, t.text, t.metadata, t.created_at, t.embedding
FROM vector_ferry.documents d JOIN :rows t ON t.id = d.document_id
WHERE d.store_id = :store
  AND t.user_id = :'user' AND t.collection_name = :'collection';

-- Adds a run to the ledger, unless the ledger lists it already.
-- query register(run: UUIDValue, host: String, process: Int, version: String,
--   takesBack: UUIDValue?, table: String?)
INSERT INTO vector_ferry.runs (id, host, pid, program_version, takes_back, takes_back_in)
VALUES (:'run', :'host', :'process'::int, :'version',
        :'takesBack', :'table')
ON CONFLICT (id) DO NOTHING;

-- Finds the run and the session that hold the lock of a store; the server shows the key of the
-- lock in two halves.
-- query lockHolder(title: String, upperHalf: Int, lowerHalf: Int)
SELECT r.id::text, r.host, to_char(a.xact_start AT TIME ZONE 'UTC',
       'YYYY-MM-DD HH24:MI:SS "UTC"'), a.pid::bigint
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
LEFT JOIN vector_ferry.runs r ON a.application_name = :'title' || r.id::text
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::bigint = :'upperHalf' AND l.objid::bigint = :'lowerHalf';
