// Written by Scripts/embed-sets.py from Sources/MigrationFiles/Sets/SQL/semantic_search; do not edit.
// swift-format-ignore-file

extension BundledFiles {
  static let semanticSearch: [(name: String, text: String)] = [
    (
      "001_template_to_production.sql",
#"""
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

"""#
    ),
    (
      "002_production_to_template.sql",
#"""
-- From the production form to the template form (enums, HNSW, model columns); no row is lost.
-- migrate:up singly:true
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

-- migrate:down
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

"""#
    ),
    (
      "003_add_model_metadata.sql",
#"""
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

"""#
    ),
    (
      "004_dimension_migration.sql",
#"""
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

"""#
    ),
    (
      "005_index_migration_ivfflat_to_hnsw.sql",
#"""
-- Of use above a million embeddings; below, IVFFlat serves well.
-- migrate:up singly:true
-- migrate:when SELECT count(*) > 1000000 FROM vector_embedding
DROP INDEX IF EXISTS idx_vector_embedding_similarity;
DROP INDEX IF EXISTS idx_search_query_embedding;
CREATE INDEX idx_vector_embedding_hnsw ON vector_embedding
  USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX idx_search_query_embedding_hnsw ON search_query
  USING hnsw (query_embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
COMMENT ON INDEX idx_vector_embedding_hnsw IS
  'm = 16 links per node, ef_construction = 64. Per search: SELECT tune_hnsw_search_parameters(n); 40 to 100 is fast, 100 to 200 exact, and never below the number of results wanted.';
CREATE FUNCTION tune_hnsw_search_parameters(ef_search int DEFAULT 100) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.set_config('hnsw.ef_search', ef_search::text, false);
END
$$;

-- migrate:down
DROP FUNCTION tune_hnsw_search_parameters(int);
DROP INDEX idx_search_query_embedding_hnsw;
DROP INDEX idx_vector_embedding_hnsw;
CREATE INDEX idx_vector_embedding_similarity ON vector_embedding
  USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);
CREATE INDEX idx_search_query_embedding ON search_query
  USING ivfflat (query_embedding vector_cosine_ops) WITH (lists = 100);

"""#
    ),
    (
      "014_semantic_search_core.sql",
#"""
-- The production form.
-- migrate:up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE indexed_content (
  id serial PRIMARY KEY,
  content_type varchar(50) NOT NULL,
  source_path text UNIQUE NOT NULL,
  content_hash varchar(64) NOT NULL,
  title text,
  content text NOT NULL,
  metadata jsonb DEFAULT '{}',
  status varchar(20) DEFAULT 'PENDING',
  chunk_count int DEFAULT 0,
  indexed_at timestamptz,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  CONSTRAINT indexed_content_status_check
    CHECK (status::text IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'))
);

CREATE TABLE vector_embedding (
  id serial PRIMARY KEY,
  content_id int NOT NULL REFERENCES indexed_content ON DELETE CASCADE,
  embedding vector(384),
  chunk_index int NOT NULL,
  chunk_text text NOT NULL,
  line_start int,
  line_end int,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  CONSTRAINT vector_embedding_content_id_chunk_index_key UNIQUE (content_id, chunk_index)
);

CREATE TABLE search_query (
  id serial PRIMARY KEY,
  query_text text NOT NULL,
  query_embedding vector(384),
  preprocessing_config jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  processed_at timestamptz,
  processing_time_ms int,
  status varchar(20) DEFAULT 'PENDING',
  CONSTRAINT search_query_status_check
    CHECK (status::text IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'))
);

CREATE TABLE search_result (
  id serial PRIMARY KEY,
  query_id int NOT NULL REFERENCES search_query ON DELETE CASCADE,
  content_id int NOT NULL REFERENCES indexed_content ON DELETE CASCADE,
  embedding_id int NOT NULL CONSTRAINT search_result_embedding_id_fkey
    REFERENCES vector_embedding ON DELETE CASCADE,
  similarity_score float8 NOT NULL,
  bm25_score float8,
  combined_score float8,
  result_rank int NOT NULL,
  context_lines text[],
  explanation text,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  UNIQUE (query_id, result_rank)
);

CREATE INDEX idx_indexed_content_type ON indexed_content (content_type);
CREATE INDEX idx_indexed_content_hash ON indexed_content (content_hash);
CREATE INDEX idx_indexed_content_status ON indexed_content (status);
CREATE INDEX idx_indexed_content_indexed_at ON indexed_content (indexed_at DESC);
CREATE INDEX idx_indexed_content_metadata ON indexed_content USING gin (metadata);
CREATE INDEX idx_indexed_content_fulltext ON indexed_content
  USING gin (to_tsvector('english'::regconfig, content));
CREATE INDEX idx_vector_embedding_content_id ON vector_embedding (content_id);
CREATE INDEX idx_vector_embedding_chunk_index ON vector_embedding (chunk_index);
CREATE INDEX idx_vector_embedding_lines ON vector_embedding (line_start, line_end);
CREATE INDEX idx_vector_embedding_created_at ON vector_embedding (created_at DESC);
CREATE INDEX idx_vector_embedding_metadata ON vector_embedding USING gin (metadata);
CREATE INDEX idx_vector_embedding_similarity ON vector_embedding
  USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);
CREATE INDEX idx_search_query_status ON search_query (status);
CREATE INDEX idx_search_query_created_at ON search_query (created_at DESC);
CREATE INDEX idx_search_query_fulltext ON search_query
  USING gin (to_tsvector('english'::regconfig, query_text));
CREATE INDEX idx_search_query_embedding ON search_query
  USING ivfflat (query_embedding vector_cosine_ops) WITH (lists = 100);
CREATE INDEX idx_search_result_query_id ON search_result (query_id);
CREATE INDEX idx_search_result_content_id ON search_result (content_id);
CREATE INDEX idx_search_result_embedding_id ON search_result (embedding_id);

CREATE FUNCTION semantic_search_touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;
CREATE TRIGGER indexed_content_updated_at BEFORE UPDATE ON indexed_content
  FOR EACH ROW EXECUTE FUNCTION semantic_search_touch_updated_at();

CREATE FUNCTION vector_cosine_similarity(a vector, b vector) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT 1::float8 - (a <=> b)
$$;

-- Types and states are compared as text, so that production and template form both serve.
CREATE FUNCTION find_similar_embeddings(
  query vector, threshold float8 DEFAULT 0.7, max_results int DEFAULT 10,
  types text[] DEFAULT NULL)
RETURNS TABLE (content_id int, content_type text, source_path text, title text, metadata jsonb,
               embedding_id int, chunk_index int, similarity_score float8)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT c.id, c.content_type::text, c.source_path, c.title, c.metadata, e.id, e.chunk_index,
         1::float8 - (e.embedding <=> query)
  FROM vector_embedding e JOIN indexed_content c ON c.id = e.content_id
  WHERE lower(c.status::text) = 'completed' AND (types IS NULL OR c.content_type::text = ANY (types))
    AND 1::float8 - (e.embedding <=> query) >= threshold
  ORDER BY e.embedding <=> query
  LIMIT max_results
$$;

-- One result as JSON; these settings add fields (ALTER DATABASE … SET makes them lasting):
-- vector_store.expose_chunk_text, .expose_line_numbers, .include_model_metadata.
CREATE FUNCTION search_results(
  query vector, threshold float8 DEFAULT 0.7, max_results int DEFAULT 10,
  types text[] DEFAULT NULL)
RETURNS SETOF jsonb LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT pg_catalog.to_jsonb(f)
    || CASE WHEN lower(pg_catalog.current_setting('vector_store.expose_chunk_text', true)) = 'true'
       THEN pg_catalog.jsonb_build_object('chunk_text', row->'chunk_text'::text) ELSE '{}' END
    || CASE WHEN lower(pg_catalog.current_setting('vector_store.expose_line_numbers', true)) = 'true'
       THEN pg_catalog.jsonb_build_object(
         'line_start', row->'line_start'::text, 'line_end', row->'line_end'::text)
       ELSE '{}' END
    || CASE WHEN lower(pg_catalog.current_setting('vector_store.include_model_metadata', true)) = 'true'
       THEN pg_catalog.jsonb_build_object(
         'model_name', coalesce(
           row->'model_name'::text, row->'metadata'::text->'model_name'::text),
         'model_version', coalesce(
           row->'model_version'::text, row->'metadata'::text->'model_version'::text))
       ELSE '{}' END
  FROM find_similar_embeddings(query, threshold, max_results, types) f
  JOIN LATERAL (SELECT pg_catalog.to_jsonb(e) - 'embedding'::text AS row FROM vector_embedding e
                WHERE e.id = f.embedding_id) e ON true
  ORDER BY f.similarity_score DESC
$$;

CREATE FUNCTION cleanup_old_search_results(days int DEFAULT 30) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM search_query WHERE created_at < now() - pg_catalog.make_interval(days => days);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;

CREATE FUNCTION reindex_content(paths text[] DEFAULT NULL, types text[] DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  touched bigint;
  pending text := CASE WHEN EXISTS (
    SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = 'indexed_content'::regclass::oid AND a.attname = 'status' AND t.typtype = 'e')
    THEN 'pending' ELSE 'PENDING' END;
BEGIN
  EXECUTE pg_catalog.format('UPDATE indexed_content SET status = %L, indexed_at = NULL
    WHERE ($1 IS NULL OR source_path = ANY ($1)) AND ($2 IS NULL OR content_type::text = ANY ($2))',
    pending) USING paths, types;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN touched;
END
$$;

-- What the engine's ledger knows, under the names that the earlier scripts used.
CREATE VIEW schema_migration_log AS
SELECT row_number() OVER (ORDER BY applied_at, version)::int AS id,
       version || '_' || pg_catalog.replace(description, ' ', '_') AS migration_name, applied_at,
       down_sql AS rollback_sql, note AS notes
FROM public.schema_migrations
WHERE set = 'semantic_search' AND state IN ('applied', 'baseline');

CREATE FUNCTION migration_applied(migration_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (SELECT FROM schema_migration_log l WHERE l.migration_name = $1)
$$;

-- migrate:down
DROP FUNCTION migration_applied(text);
DROP VIEW schema_migration_log;
DROP FUNCTION reindex_content(text[], text[]);
DROP FUNCTION cleanup_old_search_results(int);
DROP FUNCTION search_results(vector, float8, int, text[]);
DROP FUNCTION find_similar_embeddings(vector, float8, int, text[]);
DROP FUNCTION vector_cosine_similarity(vector, vector);
DROP TABLE search_result;
DROP TABLE search_query;
DROP TABLE vector_embedding;
DROP TABLE indexed_content;
DROP FUNCTION semantic_search_touch_updated_at();

"""#
    ),
    (
      "verify.sql",
#"""
-- verify:structure columns have their types, in production or template form
SELECT coalesce(a.typ ~ v.typ, false), pg_catalog.format('%s.%s is %s', v.t, v.c, coalesce(a.typ, 'absent'))
FROM (VALUES
  ('indexed_content', 'content_type', '^(character varying\(50\)|(public\.)?content_type)$'),
  ('indexed_content', 'status', '^(character varying\(20\)|(public\.)?index_status)$'),
  ('indexed_content', 'source_path', '^text$'), ('indexed_content', 'content_hash', '^character varying'),
  ('vector_embedding', 'embedding', 'vector\(384\)$'), ('vector_embedding', 'chunk_text', '^text$'),
  ('search_query', 'query_embedding', 'vector\(384\)$'),
  ('search_query', 'status', '^(character varying\(20\)|(public\.)?index_status)$'),
  ('search_result', 'context_lines', '^text\[\]$')) v (t, c, typ)
LEFT JOIN LATERAL (SELECT format_type(x.atttypid, x.atttypmod) AS typ FROM pg_attribute x
  WHERE x.attrelid = to_regclass(v.t)::oid AND x.attname = v.c) a ON true;

-- verify:structure constraints and functions are there
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = name), name
FROM pg_catalog.unnest(ARRAY['indexed_content_source_path_key', 'search_result_query_id_result_rank_key',
  'vector_embedding_content_id_chunk_index_key', 'search_result_embedding_id_fkey']) name
UNION ALL
SELECT EXISTS (SELECT FROM pg_proc WHERE proname = name), name
FROM pg_catalog.unnest(ARRAY['vector_cosine_similarity', 'find_similar_embeddings', 'search_results',
  'cleanup_old_search_results', 'reindex_content', 'migration_applied']) name;

-- verify:integrity no embedding is without its content
SELECT count(*) = 0, count(*)::text || ' orphaned embeddings' FROM vector_embedding e
WHERE NOT EXISTS (SELECT FROM indexed_content c WHERE c.id = e.content_id);

-- verify:integrity every model has vectors of one dimension
SELECT min(vector_dims(embedding)) = max(vector_dims(embedding)),
  pg_catalog.format('%s: %s to %s dimensions', metadata->>'model_name'::text, min(vector_dims(embedding)),
    max(vector_dims(embedding)))
FROM vector_embedding WHERE embedding IS NOT NULL GROUP BY metadata->>'model_name'::text;

-- verify:integrity completed content says when it was indexed
SELECT count(*) = 0, count(*)::text || ' completed without indexed_at' FROM indexed_content
WHERE lower(status::text) = 'completed' AND indexed_at IS NULL;

-- verify:integrity content has its embeddings
SELECT CASE WHEN s.status = 'completed' AND s.chunks THEN false END,
  pg_catalog.format('%s contents that are %s have %s', s.contents, s.status,
    CASE WHEN s.chunks THEN 'chunks without embedding' ELSE 'no embedding' END)
FROM (
  SELECT lower(c.status::text) AS status, e.chunks > 0 AS chunks, count(*) AS contents
  FROM indexed_content c CROSS JOIN LATERAL (
    SELECT count(*) AS chunks, pg_catalog.count(x.embedding) AS embedded FROM vector_embedding x
    WHERE x.content_id = c.id) e
  WHERE e.embedded < e.chunks OR e.chunks = 0
  GROUP BY 1, 2 ORDER BY 1, 2) s;

-- verify:integrity no (content_id, chunk_index) stands twice
SELECT false, pg_catalog.format('content %s, chunk %s', content_id, chunk_index)
FROM vector_embedding GROUP BY content_id, chunk_index HAVING count(*) > 1;

-- verify:performance store and search one vector, and the fields of a result
INSERT INTO indexed_content (content_type, source_path, content_hash, content, indexed_at)
VALUES ('source_file', '/verify/probe', pg_catalog.repeat('0', 64), 'a probe', now());
DO $$
BEGIN
  EXECUTE pg_catalog.format('UPDATE indexed_content SET status = %L WHERE source_path = ''/verify/probe''',
    CASE WHEN to_regtype('index_status') IS NULL THEN 'COMPLETED' ELSE 'completed' END);
END
$$;
INSERT INTO vector_embedding (content_id, embedding, chunk_index, chunk_text)
SELECT id, pg_catalog.array_fill(0.1::real, ARRAY[384])::vector, 0, 'a probe' FROM indexed_content
WHERE source_path = '/verify/probe';
SELECT count(*) > 0, 'fields of a result: ' || coalesce((
    SELECT pg_catalog.string_agg(key, ', ' ORDER BY key)
    FROM jsonb_object_keys((pg_catalog.array_agg(r))[1]) key), 'none')
FROM search_results(pg_catalog.array_fill(0.1::real, ARRAY[384])::vector, 0.5::float8, 1, NULL::text[]) r;

"""#
    )
  ]
}
