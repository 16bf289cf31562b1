-- Records the contents of rows that a store has adopted unchanged, before these rows change.
-- query remember(rows: SQL, store: Int, ownRows: SQL)
UPDATE vector_ferry.adoptions a
SET (is_replaced, text, embedding, metadata, created_at) =
    (true, t.text, t.embedding, t.metadata, t.created_at)
FROM :rows t
WHERE a.store_id = :'store' AND NOT a.is_replaced AND t.id = a.document_id AND :ownRows;

-- Chooses the adopted rows to restore: those that meet the condition `wanted` and that nobody
-- has edited.
-- query choosePutBack(rows: SQL, ownRows: SQL, store: Int, wanted: SQL, edited: SQL)
INSERT INTO pg_temp.vector_ferry_put_back
SELECT a.document_id, a.is_replaced FROM vector_ferry.adoptions a
JOIN :rows t ON t.id = a.document_id AND :ownRows
WHERE a.store_id = :'store' AND :wanted AND a.document_id <> ALL (:edited);

-- True where a row was chosen to be restored and has recorded earlier contents.
-- part isPutBack(store: Int, key: SQL, isOfStore: SQL)
a.store_id OPERATOR(pg_catalog.=) :'store' AND :key OPERATOR(pg_catalog.=) a.document_id
AND :isOfStore AND EXISTS (
  SELECT FROM pg_temp.vector_ferry_put_back p
  WHERE p.changes AND p.id OPERATOR(pg_catalog.=) a.document_id)

-- Restores the earlier vectors, metadata and times of rows.
-- query putBack(table: QualifiedName, vector: Identifier, metadata: Identifier, time: Identifier,
--   isPutBack: SQL)
UPDATE :table t
SET :"vector" = a.embedding, :"metadata" = a.metadata,
  :"time" = a.created_at
FROM vector_ferry.adoptions a WHERE :isPutBack;

-- Counts the restored rows that do not have their earlier contents.
-- query different(rows: SQL, isPutBack: SQL, send: QualifiedName)
SELECT count(*) FROM :rows t, vector_ferry.adoptions a
WHERE :isPutBack AND (
  :send(t.embedding) IS DISTINCT FROM :send(a.embedding)
  OR convert_to(t.text, 'UTF8') IS DISTINCT FROM convert_to(a.text, 'UTF8')
  OR t.metadata::text IS DISTINCT FROM a.metadata::text
  OR t.created_at IS DISTINCT FROM a.created_at);

-- Records the contents of rows before documents replace them; contents recorded earlier stay.
-- query keepReplaced(store: Int, run: UUIDValue, rows: SQL, isTaken: SQL)
INSERT INTO vector_ferry.adoptions AS a
  (store_id, document_id, own_id, run_id, is_replaced, text, embedding, metadata, created_at)
SELECT :'store', t.id, p.own_id, :'run', true, t.text, t.embedding, t.metadata,
       t.created_at
FROM pg_temp.vector_ferry_taken n JOIN :rows t ON :isTaken
JOIN pg_temp.vector_ferry_pairs p ON p.row_id = n.id
ON CONFLICT (store_id, document_id) DO UPDATE SET
  (own_id, is_replaced, text, embedding, metadata, created_at) =
  (excluded.own_id, true,
   CASE WHEN a.is_replaced THEN a.text ELSE excluded.text END,
   CASE WHEN a.is_replaced THEN a.embedding ELSE excluded.embedding END,
   CASE WHEN a.is_replaced THEN a.metadata ELSE excluded.metadata END,
   CASE WHEN a.is_replaced THEN a.created_at ELSE excluded.created_at END);

-- Writes the vectors, metadata and times of documents into the rows adopted for them.
-- query replace(table: QualifiedName, vector: Identifier, metadata: Identifier, time: Identifier,
--   isTaken: SQL)
UPDATE :table t
SET :"vector" = n.embedding, :"metadata" = n.metadata,
  :"time" = n.created_at
FROM pg_temp.vector_ferry_taken n WHERE :isTaken;

-- Records the rows that are adopted unchanged.
-- query keep(store: Int, run: UUIDValue)
INSERT INTO vector_ferry.adoptions (store_id, document_id, own_id, run_id, is_replaced)
SELECT :'store', p.row_id, p.own_id, :'run', false FROM pg_temp.vector_ferry_pairs p
JOIN vector_ferry.documents d ON d.store_id = :'store' AND d.document_id = p.row_id
ON CONFLICT (store_id, document_id) DO UPDATE SET own_id = excluded.own_id;

-- Adds the pairs of earlier runs whose rows still exist.
-- query addEarlier(rows: SQL, ownRows: SQL, store: Int, others: SQL)
INSERT INTO pg_temp.vector_ferry_pairs (own_id, row_id, is_new)
SELECT a.own_id, a.document_id, false FROM vector_ferry.adoptions a
JOIN :rows t ON t.id = a.document_id AND :ownRows
WHERE a.store_id = :'store' :others;

-- Collects the paired rows whose documents are no longer in the files, or have another text in the
-- files.
-- query freeRows(digest: SQL, rows: SQL, isOther: SQL)
CREATE TEMPORARY TABLE vector_ferry_freed ON COMMIT DROP AS
SELECT t.id, :digest AS digest, t.created_at
FROM pg_temp.vector_ferry_pairs p JOIN :rows t ON t.id = p.row_id
LEFT JOIN pg_temp.vector_ferry_wanted w ON w.id = p.own_id
WHERE w.id IS NULL OR :isOther;

-- Pairs freed rows with documents of the same text that have no row, in the order of the files.
-- query pairFreed(isKnownByText: SQL, rows: SQL, ownRows: SQL, digest: SQL)
INSERT INTO pg_temp.vector_ferry_pairs (own_id, row_id, is_new)
SELECT s.id, f.id, false FROM (
  SELECT w.id, w.digest, row_number() OVER (PARTITION BY w.digest ORDER BY w.position) AS number
  FROM pg_temp.vector_ferry_wanted w
  WHERE :isKnownByText
    AND NOT EXISTS (SELECT FROM pg_temp.vector_ferry_pairs p WHERE p.own_id = w.id)
    AND NOT EXISTS (
      SELECT FROM :rows t
      WHERE t.id = w.id AND :ownRows AND :digest = w.digest)
) s JOIN (
  SELECT id, digest,
         row_number() OVER (PARTITION BY digest ORDER BY created_at NULLS LAST, id) AS number
  FROM pg_temp.vector_ferry_freed
) f USING (digest, number);

-- Marks the documents that need no other row: documents that have a pair, and documents with whose
-- id there is a row that the ledger does not list.
-- query settle(rows: SQL, ownRows: SQL)
UPDATE pg_temp.vector_ferry_sources s SET is_settled = true
WHERE EXISTS (SELECT FROM pg_temp.vector_ferry_pairs p WHERE p.own_id = s.own_id)
  OR NOT has_own AND EXISTS (
    SELECT FROM :rows t WHERE t.id = s.own_id AND :ownRows);

-- Makes the table for the documents of the files.
-- query makeSources
CREATE TEMPORARY TABLE vector_ferry_sources (
  own_id uuid NOT NULL, position bigint NOT NULL, digest bytea NOT NULL, metadata jsonb,
  created_at timestamptz, has_own boolean NOT NULL DEFAULT false,
  is_settled boolean NOT NULL DEFAULT false) ON COMMIT DROP;

-- Pairs documents with rows that have equal values in the columns `key`, in the order of the
-- files and of the rows' times.
-- query pair(key: SQL, onlyNew: SQL)
INSERT INTO pg_temp.vector_ferry_pairs (own_id, row_id, is_new)
SELECT own_id, id, true FROM (
  SELECT own_id, :key, row_number() OVER (PARTITION BY :key ORDER BY position) AS number
  FROM pg_temp.vector_ferry_sources s
  WHERE NOT s.is_settled :onlyNew
    AND NOT EXISTS (SELECT FROM pg_temp.vector_ferry_pairs p WHERE p.own_id = s.own_id)
) s JOIN (
  SELECT id, :key,
         row_number() OVER (PARTITION BY :key ORDER BY created_at NULLS LAST, id) AS number
  FROM pg_temp.vector_ferry_candidates c
  WHERE NOT EXISTS (SELECT FROM pg_temp.vector_ferry_pairs p WHERE p.row_id = c.id)
) c USING (:key, number);

-- Lists the rows that stay alongside a store, and whether a document has the same text.
-- query alongside(store: Int)
SELECT u.id, EXISTS (
  SELECT FROM pg_temp.vector_ferry_candidates c JOIN pg_temp.vector_ferry_sources s USING (digest)
  WHERE c.id = u.id)
FROM pg_temp.vector_ferry_unlisted u
JOIN vector_ferry.alongside b ON b.store_id = :store AND b.document_id = u.id
ORDER BY u.id;
