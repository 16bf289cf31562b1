-- Reads the ledger's entry of a store, with the kind of its model.
-- query store(table: String, user: String, collection: String)
SELECT s.id, s.source_path, s.source_digest, s.source_dimensions, s.settings,
       s.keeps_original, p.kind, s.recall
FROM vector_ferry.stores s JOIN vector_ferry.projections p ON p.id = s.projection_id
WHERE s.table_name = :'table'
  AND s.user_id = :'user' AND s.collection_name = :'collection';

-- Reads the vectors of a store.
-- query vectors(rows: SQL, store: Int, user: Literal, collection: Literal)
SELECT t.id, t.embedding
FROM vector_ferry.documents d JOIN :rows t ON t.id = d.document_id
WHERE d.store_id = :store AND t.user_id = :'user'
  AND t.collection_name = :'collection';

-- Reads the next vectors of a store with their originals, in the order of the files.
-- query vectorsWithOriginals(rows: SQL, store: Int, last: Int, user: Literal, collection: Literal,
--   limit: Int)
SELECT d.position, t.id, t.embedding, o.embedding, o.reduced_digest
FROM vector_ferry.documents d
JOIN :rows t ON t.id = d.document_id
LEFT JOIN vector_ferry.originals o
  ON o.store_id = d.store_id AND o.document_id = d.document_id
WHERE d.store_id = :store AND d.position > :last
  AND t.user_id = :'user'
  AND t.collection_name = :'collection'
ORDER BY d.position LIMIT :limit;
