-- From the template form (enums, HNSW, model columns) to the production form; no row is lost.
-- migrate:up singly:true
DO $$
DECLARE
  states text;
BEGIN
  SELECT pg_catalog.string_agg(DISTINCT status::text, ', ') INTO states FROM indexed_content
  WHERE status::text NOT IN ('pending', 'indexing', 'completed', 'failed', 'stale');
  IF states IS NOT NULL THEN RAISE EXCEPTION 'states that have no counterpart: %', states; END IF;
END
$$;
DROP INDEX IF EXISTS idx_vector_embedding_hnsw;
DROP INDEX IF EXISTS idx_search_query_embedding_hnsw;
DROP INDEX IF EXISTS idx_vector_embedding_model;
ALTER TABLE indexed_content ALTER COLUMN status DROP DEFAULT;
ALTER TABLE indexed_content
  ALTER COLUMN status TYPE varchar(20) USING coalesce(metadata->>'production_status'::text,
    CASE status::text WHEN 'indexing' THEN 'PROCESSING' WHEN 'completed' THEN 'COMPLETED'
      WHEN 'failed' THEN 'FAILED' ELSE 'PENDING' END),
  ALTER COLUMN content_type TYPE varchar(50)
    USING coalesce(metadata->>'production_content_type'::text, content_type::text);
ALTER TABLE indexed_content DISABLE TRIGGER indexed_content_updated_at;
UPDATE indexed_content
SET metadata = nullif(
    metadata - 'production_content_type'::text - 'production_status'::text - 'no_metadata'::text,
    CASE WHEN metadata ? 'no_metadata'::text THEN '{}'::jsonb END)
WHERE metadata ?| ARRAY['production_content_type', 'production_status', 'no_metadata'];
ALTER TABLE indexed_content ENABLE TRIGGER indexed_content_updated_at;
ALTER TABLE indexed_content
  ALTER COLUMN status SET DEFAULT 'PENDING',
  ADD CONSTRAINT indexed_content_status_check
    CHECK (status::text IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'));
ALTER TABLE search_query ALTER COLUMN status DROP DEFAULT;
ALTER TABLE search_query ALTER COLUMN status TYPE varchar(20) USING
  CASE status::text WHEN 'indexing' THEN 'PROCESSING' WHEN 'completed' THEN 'COMPLETED'
    WHEN 'failed' THEN 'FAILED' ELSE 'PENDING' END;
ALTER TABLE search_query
  ALTER COLUMN status SET DEFAULT 'PENDING',
  ADD CONSTRAINT search_query_status_check
    CHECK (status::text IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'));
DROP TYPE index_status;
DROP TYPE content_type;
-- A model that differs from the default is kept in metadata, where the production form has it.
UPDATE vector_embedding
SET metadata = coalesce(metadata, '{}')
  || pg_catalog.jsonb_build_object('model_name', model_name, 'model_version', model_version)
WHERE (model_name, model_version) IS DISTINCT FROM (
  coalesce(metadata->>'model_name'::text, 'BAAI/bge-small-en-v1.5'),
  coalesce(metadata->>'model_version'::text, '1.5'));
ALTER TABLE vector_embedding DROP COLUMN model_name, DROP COLUMN model_version;
ALTER TABLE vector_embedding
  ADD COLUMN IF NOT EXISTS chunk_text text,
  ADD COLUMN IF NOT EXISTS line_start int,
  ADD COLUMN IF NOT EXISTS line_end int;
UPDATE vector_embedding SET chunk_text = '' WHERE chunk_text IS NULL;
ALTER TABLE vector_embedding ALTER COLUMN chunk_text SET NOT NULL;
CREATE INDEX IF NOT EXISTS idx_vector_embedding_lines ON vector_embedding (line_start, line_end);
CREATE INDEX idx_vector_embedding_similarity ON vector_embedding
  USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);
CREATE INDEX idx_search_query_embedding ON search_query
  USING ivfflat (query_embedding vector_cosine_ops) WITH (lists = 100);

-- migrate:down
DO $$
DECLARE
  states text;
  types text;
BEGIN
  SELECT pg_catalog.string_agg(DISTINCT coalesce(status::text, 'null'), ', ') INTO states
  FROM indexed_content
  WHERE status IS NULL OR status::text NOT IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED');
  IF states IS NOT NULL THEN
    RAISE NOTICE 'states that become pending and are kept in metadata: %', states;
  END IF;
  SELECT pg_catalog.string_agg(DISTINCT content_type::text, ', ') INTO types FROM indexed_content
  WHERE content_type::text !~* 'source|doc|comment|function|struct';
  IF types IS NOT NULL THEN
    RAISE NOTICE 'content types that become source_file and are kept in metadata: %', types;
  END IF;
END
$$;
CREATE TYPE index_status AS ENUM ('pending', 'indexing', 'completed', 'failed', 'stale');
CREATE TYPE content_type AS ENUM ('source_file', 'documentation', 'comment_block',
  'function_definition', 'struct_definition');
DROP INDEX IF EXISTS idx_vector_embedding_similarity;
DROP INDEX IF EXISTS idx_search_query_embedding;
ALTER TABLE indexed_content DISABLE TRIGGER indexed_content_updated_at;
-- The exact words stay in metadata for the way back.
UPDATE indexed_content
SET metadata = coalesce(metadata, '{"no_metadata": true}')
  || pg_catalog.jsonb_build_object('production_content_type', content_type);
ALTER TABLE indexed_content DROP CONSTRAINT indexed_content_status_check,
  ALTER COLUMN status DROP DEFAULT;
ALTER TABLE indexed_content
  ALTER COLUMN status TYPE index_status USING
    (CASE status::text WHEN 'PROCESSING' THEN 'indexing' WHEN 'COMPLETED' THEN 'completed'
      WHEN 'FAILED' THEN 'failed' ELSE 'pending' END)::index_status,
  ALTER COLUMN content_type TYPE content_type USING
    (CASE WHEN content_type::text ILIKE '%source%' THEN 'source_file'
      WHEN content_type::text ILIKE '%doc%' THEN 'documentation'
      WHEN content_type::text ILIKE '%comment%' THEN 'comment_block'
      WHEN content_type::text ILIKE '%function%' THEN 'function_definition'
      WHEN content_type::text ILIKE '%struct%' THEN 'struct_definition'
      ELSE 'source_file' END)::content_type;
ALTER TABLE indexed_content ALTER COLUMN status SET DEFAULT 'pending';
ALTER TABLE indexed_content ENABLE TRIGGER indexed_content_updated_at;
ALTER TABLE search_query DROP CONSTRAINT search_query_status_check,
  ALTER COLUMN status DROP DEFAULT;
ALTER TABLE search_query ALTER COLUMN status TYPE index_status USING
  (CASE status::text WHEN 'PROCESSING' THEN 'indexing' WHEN 'COMPLETED' THEN 'completed'
    WHEN 'FAILED' THEN 'failed' ELSE 'pending' END)::index_status;
ALTER TABLE search_query ALTER COLUMN status SET DEFAULT 'pending';
ALTER TABLE vector_embedding
  ADD COLUMN model_name text NOT NULL DEFAULT 'BAAI/bge-small-en-v1.5',
  ADD COLUMN model_version text NOT NULL DEFAULT '1.5';
UPDATE vector_embedding
SET model_name = coalesce(metadata->>'model_name'::text, model_name),
    model_version = coalesce(metadata->>'model_version'::text, model_version)
WHERE metadata ?| ARRAY['model_name', 'model_version'];
CREATE INDEX idx_vector_embedding_model ON vector_embedding (model_name, model_version);
CREATE INDEX idx_vector_embedding_hnsw ON vector_embedding
  USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX idx_search_query_embedding_hnsw ON search_query
  USING hnsw (query_embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
