-- migrate:up singly:true
-- migrate:when SELECT NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('vector_embedding')::oid AND attname = 'model_name')
ALTER TABLE vector_embedding
  ADD COLUMN model_name text NOT NULL DEFAULT 'BAAI/bge-small-en-v1.5',
  ADD COLUMN model_version text NOT NULL DEFAULT '1.5';
UPDATE vector_embedding
SET model_name = coalesce(metadata->>'model_name'::text, model_name),
    model_version = coalesce(metadata->>'model_version'::text, model_version)
WHERE metadata ?| ARRAY['model_name', 'model_version'];
CREATE INDEX idx_vector_embedding_model ON vector_embedding (model_name, model_version);
CREATE FUNCTION find_embeddings_by_model(name text, version text DEFAULT NULL)
RETURNS TABLE (embedding_id int, content_id int, chunk_index int, model_name text,
               model_version text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT e.id, e.content_id, e.chunk_index, e.model_name, e.model_version
  FROM vector_embedding e
  WHERE e.model_name = $1 AND ($2 IS NULL OR e.model_version = $2)
$$;

-- migrate:down
UPDATE vector_embedding
SET metadata = coalesce(metadata, '{}')
  || pg_catalog.jsonb_build_object('model_name', model_name, 'model_version', model_version)
WHERE (model_name, model_version) IS DISTINCT FROM (
  coalesce(metadata->>'model_name'::text, 'BAAI/bge-small-en-v1.5'),
  coalesce(metadata->>'model_version'::text, '1.5'));
DROP FUNCTION find_embeddings_by_model(text, text);
DROP INDEX idx_vector_embedding_model;
ALTER TABLE vector_embedding DROP COLUMN model_name, DROP COLUMN model_version;
