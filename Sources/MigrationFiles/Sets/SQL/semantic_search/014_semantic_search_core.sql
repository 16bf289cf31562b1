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
