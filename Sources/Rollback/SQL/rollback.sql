-- Reads the digest of the files that a run migrated, where a later run has migrated other files.
-- query replacedDigest(run: UUIDValue, user: String, collection: String)
SELECT r.source_digest FROM vector_ferry.replacements r
JOIN vector_ferry.stores s ON s.id = r.store_id
WHERE r.run_id = :'run'
  AND s.user_id = :'user' AND s.collection_name = :'collection';

-- True where a rollback removes the row `t`: the ledger lists it, nobody has edited it, and no run
-- has adopted it.
-- part isRemoved(user: String, collection: String, edited: SQL, store: Int)
t.user_id = :'user' AND t.collection_name = :'collection'
AND t.id <> ALL (:edited)
AND EXISTS (
  SELECT FROM vector_ferry.documents d
  WHERE d.store_id = :'store' AND d.document_id = t.id)
AND NOT EXISTS (
  SELECT FROM vector_ferry.adoptions a
  WHERE a.store_id = :'store' AND a.document_id = t.id)

-- Reads the migration that last wrote to a table.
-- query latest(runs: SQL, table: String)
:runs WHERE r.id = (
  SELECT s.run_id FROM vector_ferry.stores s JOIN vector_ferry.runs w ON w.id = s.run_id
  WHERE s.table_name = :'table' AND w.takes_back IS NULL
  ORDER BY s.migrated_at DESC, s.id DESC LIMIT 1);

-- Reads the migration that was last rolled back in a table; with `unfinished`, only where that
-- rollback did not record its end.
-- query lastRolledBack(runs: SQL, table: String, unfinished: Bool)
:runs JOIN (
  SELECT b.takes_back AS id, b.finished_at FROM vector_ferry.runs b
  JOIN vector_ferry.runs w ON w.id = b.takes_back AND w.takes_back IS NULL
  WHERE b.takes_back_in = :'table' ORDER BY b.started_at DESC LIMIT 1
) last ON last.id = r.id
WHERE NOT :'unfinished' OR last.finished_at IS NULL;

-- Lists the rows that stay alongside a store, and the store's adopted rows that are in no pair.
-- query rowsBeside(store: Int)
SELECT document_id FROM vector_ferry.alongside WHERE store_id = :store
UNION SELECT document_id FROM vector_ferry.adoptions a
WHERE store_id = :store AND NOT EXISTS (
  SELECT FROM pg_temp.vector_ferry_pairs p WHERE p.row_id = a.document_id);

-- Records a store that is removed from the ledger, unless rows stay alongside it.
-- query rememberStore(store: Int)
INSERT INTO vector_ferry.former_stores (table_name, user_id, collection_name, run_id)
SELECT s.table_name, s.user_id, s.collection_name, s.run_id FROM vector_ferry.stores s
WHERE s.id = :'store' AND NOT EXISTS (
  SELECT FROM vector_ferry.alongside b WHERE b.store_id = s.id);

-- Deletes the rows of a store that the ledger lists.
-- query remove(table: QualifiedName, store: Int, key: SQL, isOfStore: SQL)
DELETE FROM :table t USING vector_ferry.documents d
WHERE d.store_id OPERATOR(pg_catalog.=) :'store'
  AND :key OPERATOR(pg_catalog.=) d.document_id
  AND :isOfStore;

-- Lists the stores that a run has written and another run has replaced since, and the stores that
-- another run has written with a model that this run has fitted.
-- query leftOut(run: UUIDValue)
SELECT s.user_id, s.collection_name, s.run_id, false
FROM vector_ferry.replacements r JOIN vector_ferry.stores s ON s.id = r.store_id
WHERE r.run_id = :'run' AND s.run_id <> :'run'
UNION
SELECT s.user_id, s.collection_name, s.run_id, true
FROM vector_ferry.projections p JOIN vector_ferry.stores s ON s.id = p.store_id
WHERE p.run_id = :'run' AND s.run_id <> :'run'
ORDER BY 1, 2;
