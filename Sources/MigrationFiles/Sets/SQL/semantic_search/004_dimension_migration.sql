-- From another dimension, 768 say, to 384. Texts and metadata stay, embeddings become null, all
-- content is PENDING until it is embedded anew; build the vector index after that.
-- migrate:up singly:true
ALTER TABLE search_result DROP CONSTRAINT search_result_embedding_id_fkey;
ALTER TABLE vector_embedding RENAME TO vector_embedding_768_backup;
DROP INDEX IF EXISTS idx_vector_embedding_similarity;
DROP INDEX IF EXISTS idx_vector_embedding_hnsw;
CREATE TABLE vector_embedding (LIKE vector_embedding_768_backup INCLUDING DEFAULTS);
ALTER TABLE vector_embedding ALTER COLUMN embedding TYPE vector(384) USING NULL;
INSERT INTO vector_embedding SELECT (pg_catalog.jsonb_populate_record(
    NULL::vector_embedding, pg_catalog.to_jsonb(b) - 'embedding'::text)).* FROM vector_embedding_768_backup b;
ALTER SEQUENCE vector_embedding_id_seq OWNED BY vector_embedding.id;
SELECT pg_catalog.setval(
  'vector_embedding_id_seq', (SELECT coalesce(max(id), 1) FROM vector_embedding),
  EXISTS (SELECT FROM vector_embedding));
ALTER TABLE vector_embedding_768_backup
  DROP CONSTRAINT vector_embedding_pkey,
  DROP CONSTRAINT vector_embedding_content_id_chunk_index_key,
  DROP CONSTRAINT vector_embedding_content_id_fkey;
DROP INDEX idx_vector_embedding_content_id;
DROP INDEX idx_vector_embedding_chunk_index;
DROP INDEX idx_vector_embedding_lines;
DROP INDEX idx_vector_embedding_created_at;
DROP INDEX idx_vector_embedding_metadata;
ALTER TABLE vector_embedding
  ADD CONSTRAINT vector_embedding_pkey PRIMARY KEY (id),
  ADD CONSTRAINT vector_embedding_content_id_chunk_index_key UNIQUE (content_id, chunk_index),
  ADD CONSTRAINT vector_embedding_content_id_fkey
    FOREIGN KEY (content_id) REFERENCES indexed_content ON DELETE CASCADE;
CREATE INDEX idx_vector_embedding_content_id ON vector_embedding (content_id);
CREATE INDEX idx_vector_embedding_chunk_index ON vector_embedding (chunk_index);
CREATE INDEX idx_vector_embedding_lines ON vector_embedding (line_start, line_end);
CREATE INDEX idx_vector_embedding_created_at ON vector_embedding (created_at DESC);
CREATE INDEX idx_vector_embedding_metadata ON vector_embedding USING gin (metadata);
ALTER TABLE search_result ADD CONSTRAINT search_result_embedding_id_fkey
  FOREIGN KEY (embedding_id) REFERENCES vector_embedding ON DELETE CASCADE;
CREATE TABLE indexed_content_768_backup AS SELECT id, status, indexed_at, updated_at FROM indexed_content;
UPDATE indexed_content
SET status = 'PENDING', indexed_at = NULL;

-- migrate:down
ALTER TABLE search_result DROP CONSTRAINT search_result_embedding_id_fkey;
ALTER SEQUENCE vector_embedding_id_seq OWNED BY NONE;
DROP TABLE vector_embedding;
ALTER TABLE vector_embedding_768_backup RENAME TO vector_embedding;
ALTER SEQUENCE vector_embedding_id_seq OWNED BY vector_embedding.id;
DELETE FROM vector_embedding e WHERE NOT EXISTS (
  SELECT FROM indexed_content c WHERE c.id = e.content_id);
DELETE FROM search_result r WHERE NOT EXISTS (
  SELECT FROM vector_embedding e WHERE e.id = r.embedding_id);
ALTER TABLE vector_embedding
  ADD CONSTRAINT vector_embedding_pkey PRIMARY KEY (id),
  ADD CONSTRAINT vector_embedding_content_id_chunk_index_key UNIQUE (content_id, chunk_index),
  ADD CONSTRAINT vector_embedding_content_id_fkey
    FOREIGN KEY (content_id) REFERENCES indexed_content ON DELETE CASCADE;
CREATE INDEX idx_vector_embedding_content_id ON vector_embedding (content_id);
CREATE INDEX idx_vector_embedding_chunk_index ON vector_embedding (chunk_index);
CREATE INDEX idx_vector_embedding_lines ON vector_embedding (line_start, line_end);
CREATE INDEX idx_vector_embedding_created_at ON vector_embedding (created_at DESC);
CREATE INDEX idx_vector_embedding_metadata ON vector_embedding USING gin (metadata);
CREATE INDEX idx_vector_embedding_similarity ON vector_embedding
  USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);
ALTER TABLE search_result ADD CONSTRAINT search_result_embedding_id_fkey
  FOREIGN KEY (embedding_id) REFERENCES vector_embedding ON DELETE CASCADE;
ALTER TABLE indexed_content DISABLE TRIGGER indexed_content_updated_at;
UPDATE indexed_content c SET status = b.status, indexed_at = b.indexed_at, updated_at = b.updated_at
FROM indexed_content_768_backup b WHERE b.id = c.id;
ALTER TABLE indexed_content ENABLE TRIGGER indexed_content_updated_at;
DROP TABLE indexed_content_768_backup;
