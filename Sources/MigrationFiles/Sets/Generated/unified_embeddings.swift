// Written by Scripts/embed-sets.py from Sources/MigrationFiles/Sets/SQL/unified_embeddings; do not edit.
// swift-format-ignore-file

extension BundledFiles {
  static let unifiedEmbeddings: [(name: String, text: String)] = [
    (
      "0001_initial_baseline.sql",
#"""
-- The first row of the ledger. A database that is set up already is taken over with
-- `schema baseline`; an empty one begins here.
-- migrate:up
SELECT 1;

-- migrate:down
SELECT 1;

"""#
    ),
    (
      "0002_add_vector_extension.sql",
#"""
-- migrate:up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE embeddings (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  source_table varchar(100) NOT NULL,
  source_id uuid NOT NULL,
  embedding vector(1536) NOT NULL,
  embedding_model varchar(100) NOT NULL DEFAULT 'text-embedding-3-large',
  content_hash varchar(64) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Several models may live side by side for one source.
  UNIQUE (source_table, source_id, embedding_model)
);
CREATE INDEX embeddings_source_idx ON embeddings (source_table, source_id);
CREATE INDEX embeddings_created_at_idx ON embeddings (created_at);
CREATE INDEX embeddings_content_hash_idx ON embeddings (content_hash);

CREATE FUNCTION upsert_embedding(
  p_source_table text, p_source_id uuid, p_embedding vector, p_content_hash text,
  p_model text DEFAULT 'text-embedding-3-large', p_metadata jsonb DEFAULT '{}')
RETURNS uuid LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  found_id uuid;
BEGIN
  INSERT INTO embeddings AS e
    (source_table, source_id, embedding, content_hash, embedding_model, metadata)
  VALUES (p_source_table, p_source_id, p_embedding, p_content_hash, p_model, p_metadata)
  ON CONFLICT (source_table, source_id, embedding_model) DO UPDATE
    SET embedding = excluded.embedding, content_hash = excluded.content_hash,
        metadata = excluded.metadata, updated_at = now()
    WHERE e.content_hash::text <> excluded.content_hash::text
  RETURNING e.id INTO found_id;
  -- Nothing was written where hash and model are unchanged.
  IF found_id IS NULL THEN
    SELECT e.id INTO found_id FROM embeddings e
    WHERE e.source_table::text = p_source_table AND e.source_id = p_source_id
      AND e.embedding_model::text = p_model;
  END IF;
  RETURN found_id;
END
$$;

CREATE FUNCTION similarity_search(
  p_query vector, p_threshold float8 DEFAULT 0.8, p_count int DEFAULT 5,
  p_source text DEFAULT NULL)
RETURNS TABLE (id uuid, source_table varchar, source_id uuid, similarity float8, metadata jsonb)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT e.id, e.source_table, e.source_id, 1::float8 - (e.embedding <=> p_query), e.metadata
  FROM embeddings e
  WHERE (p_source IS NULL OR e.source_table::text = p_source)
    AND 1::float8 - (e.embedding <=> p_query) >= p_threshold
  ORDER BY e.embedding <=> p_query
  LIMIT p_count
$$;

-- migrate:down
DROP FUNCTION similarity_search(vector, float8, int, text);
DROP FUNCTION upsert_embedding(text, uuid, vector, text, text, jsonb);
DROP TABLE embeddings;

"""#
    ),
    (
      "0003_optimize_vector_indexes.sql",
#"""
-- migrate:up
-- Above 1,000 rows HNSW, or IVFFlat where it is asked for or HNSW is not there.
CREATE FUNCTION rebuild_vector_indexes(method text DEFAULT 'auto') RETURNS text
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  total bigint;
  has_hnsw boolean := EXISTS (SELECT FROM pg_am WHERE amname = 'hnsw');
  list_count int;
BEGIN
  IF method IS NULL OR method NOT IN ('auto', 'hnsw', 'ivfflat') THEN
    RAISE EXCEPTION 'there is no method %: name auto, hnsw or ivfflat', method;
  END IF;
  IF method = 'hnsw' AND NOT has_hnsw THEN
    RAISE EXCEPTION 'this version of pgvector has no HNSW';
  END IF;
  SELECT count(*) INTO total FROM embeddings;
  DROP INDEX IF EXISTS embeddings_embedding_idx;
  IF total <= 1000 THEN
    RETURN pg_catalog.format('%s embeddings: too few for a vector index, searches scan the table', total);
  ELSIF has_hnsw AND method <> 'ivfflat' THEN
    CREATE INDEX embeddings_embedding_idx ON embeddings
      USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
    RETURN pg_catalog.format('HNSW index built over %s embeddings', total);
  END IF;
  list_count := least(1000, greatest(10, total / 100));
  EXECUTE pg_catalog.format('CREATE INDEX embeddings_embedding_idx ON embeddings
    USING ivfflat (embedding vector_cosine_ops) WITH (lists = %s)', list_count);
  RETURN pg_catalog.format('IVFFlat index with %s lists built over %s embeddings', list_count, total);
END
$$;

SELECT rebuild_vector_indexes();

CREATE VIEW vector_search_stats AS
SELECT source_table, count(*) AS embeddings, max(vector_dims(embedding)) AS dimensions,
       min(created_at) AS oldest, max(created_at) AS newest,
       pg_catalog.array_agg(DISTINCT embedding_model) AS models
FROM embeddings GROUP BY source_table;

-- migrate:down
DROP VIEW vector_search_stats;
DROP INDEX IF EXISTS embeddings_embedding_idx;
-- An earlier text of this migration made it without a parameter.
DROP FUNCTION IF EXISTS rebuild_vector_indexes();
DROP FUNCTION IF EXISTS rebuild_vector_indexes(text);

"""#
    ),
    (
      "0004_add_redis_hybrid_search.sql",
#"""
-- migrate:up
-- The application may have both tables already; what this makes is marked by a comment, so that
-- the way down takes away no more.
DO $$
BEGIN
  IF to_regclass('users') IS NULL THEN
    CREATE TABLE users (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      email varchar(255) UNIQUE,
      created_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE users IS 'made by unified_embeddings 0004';
  END IF;
  IF to_regclass('knowledge_entries') IS NULL THEN
    CREATE TABLE knowledge_entries (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      user_id uuid REFERENCES users ON DELETE CASCADE,
      title text NOT NULL,
      content text NOT NULL,
      tags text[] NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE knowledge_entries IS 'made by unified_embeddings 0004';
  END IF;
END
$$;
ALTER TABLE knowledge_entries ADD COLUMN IF NOT EXISTS search_vector tsvector;
CREATE INDEX knowledge_entries_search_vector_idx ON knowledge_entries USING gin (search_vector);
CREATE INDEX knowledge_entries_user_id_idx ON knowledge_entries (user_id);

CREATE FUNCTION knowledge_entries_search_vector() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW.search_vector :=
    pg_catalog.setweight(
      pg_catalog.to_tsvector('english'::regconfig, coalesce(NEW.title, '')), 'A')
    || pg_catalog.setweight(
      pg_catalog.to_tsvector('english'::regconfig, coalesce(NEW.content, '')), 'B')
    || pg_catalog.setweight(
      pg_catalog.to_tsvector(
        'english'::regconfig, coalesce(pg_catalog.array_to_string(NEW.tags, ' '), '')), 'C');
  RETURN NEW;
END
$$;
CREATE TRIGGER knowledge_entries_search_vector BEFORE INSERT OR UPDATE ON knowledge_entries
  FOR EACH ROW EXECUTE FUNCTION knowledge_entries_search_vector();
UPDATE knowledge_entries SET title = title;

CREATE TABLE redis_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  session_key varchar(255) NOT NULL UNIQUE,
  user_id uuid REFERENCES users ON DELETE CASCADE,
  data_type varchar(50) NOT NULL,
  ttl_seconds int NOT NULL DEFAULT 3600 CHECK (ttl_seconds > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL DEFAULT now() + interval '1 hour',
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX redis_sessions_user_id_idx ON redis_sessions (user_id);
CREATE INDEX redis_sessions_expires_at_idx ON redis_sessions (expires_at);

CREATE TABLE cache_invalidation_log (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  cache_key varchar(255) NOT NULL,
  cache_namespace varchar(100) NOT NULL,
  invalidation_reason text,
  invalidated_by uuid REFERENCES users ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX cache_invalidation_log_key_idx ON cache_invalidation_log (cache_namespace, cache_key);

CREATE TABLE retrieval_configs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  config_name varchar(100) NOT NULL,
  vector_weight float8 NOT NULL DEFAULT 0.7 CHECK (vector_weight BETWEEN 0::float8 AND 1::float8),
  keyword_weight float8 NOT NULL DEFAULT 0.3 CHECK (keyword_weight BETWEEN 0::float8 AND 1::float8),
  rerank_enabled boolean NOT NULL DEFAULT false,
  max_results int NOT NULL DEFAULT 10 CHECK (max_results > 0),
  similarity_threshold float8 NOT NULL DEFAULT 0.7 CHECK (similarity_threshold BETWEEN 0::float8 AND 1::float8),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, config_name),
  CHECK (abs(vector_weight + keyword_weight - 1::float8) < 1e-6::float8)
);

CREATE TABLE search_performance_metrics (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid REFERENCES users ON DELETE SET NULL,
  query_text text,
  search_type varchar(20) NOT NULL CHECK (search_type::text IN ('vector', 'keyword', 'hybrid')),
  result_count int NOT NULL DEFAULT 0,
  execution_time_ms float8 NOT NULL,
  cache_hit boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX search_performance_metrics_created_at_idx ON search_performance_metrics (created_at);

-- Each leg has its own index and fetches four times what is asked for; keyword ranks are divided
-- by the best one, since a single hit of ts_rank is about 0.06.
CREATE FUNCTION hybrid_search(
  p_query text, p_embedding vector, p_vector_weight float8 DEFAULT NULL,
  p_keyword_weight float8 DEFAULT NULL, p_threshold float8 DEFAULT NULL, p_count int DEFAULT NULL,
  p_user uuid DEFAULT NULL)
RETURNS TABLE (id uuid, title text, content text, hybrid_score float8, vector_similarity float8,
               keyword_rank float8, source text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH chosen AS (
    SELECT c.* FROM retrieval_configs c WHERE c.user_id = p_user AND c.is_active
    ORDER BY c.updated_at DESC LIMIT 1
  ), settings AS (
    SELECT coalesce(p_vector_weight, (SELECT vector_weight FROM chosen), 0.7) AS vector_weight,
           coalesce(p_keyword_weight, (SELECT keyword_weight FROM chosen), 0.3) AS keyword_weight,
           coalesce(p_threshold, (SELECT similarity_threshold FROM chosen), 0.7) AS threshold,
           coalesce(p_count, (SELECT max_results FROM chosen), 10) AS wanted
  ), by_vector AS (
    SELECT found.source_id AS id, max(1::float8 - found.distance) AS similarity FROM (
      SELECT e.source_id, e.embedding <=> p_embedding AS distance
      FROM embeddings e JOIN knowledge_entries k ON k.id = e.source_id
      WHERE e.source_table::text = 'knowledge_entries' AND (p_user IS NULL OR k.user_id = p_user)
      ORDER BY e.embedding <=> p_embedding
      LIMIT (SELECT wanted * 4 FROM settings)) found
    WHERE 1::float8 - found.distance >= (SELECT threshold FROM settings)
    GROUP BY found.source_id
  ), by_keyword AS (
    SELECT k.id, ts_rank(k.search_vector, websearch_to_tsquery('english'::regconfig, p_query)) AS rank
    FROM knowledge_entries k
    WHERE k.search_vector @@ websearch_to_tsquery('english'::regconfig, p_query)
      AND (p_user IS NULL OR k.user_id = p_user)
    ORDER BY rank DESC
    LIMIT (SELECT wanted * 4 FROM settings)
  ), best AS (SELECT max(rank) AS rank FROM by_keyword)
  SELECT k.id, k.title, k.content,
         s.vector_weight * coalesce(v.similarity, 0)
           + s.keyword_weight * coalesce(w.rank / nullif(best.rank, 0::real), 0),
         coalesce(v.similarity, 0), coalesce(w.rank / nullif(best.rank, 0::real), 0),
         CASE WHEN w.id IS NULL THEN 'vector' WHEN v.id IS NULL THEN 'keyword' ELSE 'hybrid' END
  FROM by_vector v FULL JOIN by_keyword w ON w.id = v.id
  JOIN knowledge_entries k ON k.id = coalesce(v.id, w.id)
  CROSS JOIN settings s CROSS JOIN best
  ORDER BY 4 DESC, k.id
  LIMIT (SELECT wanted FROM settings)
$$;

-- migrate:down
DROP FUNCTION hybrid_search(text, vector, float8, float8, float8, int, uuid);
DROP TABLE search_performance_metrics;
DROP TABLE retrieval_configs;
DROP TABLE cache_invalidation_log;
DROP TABLE redis_sessions;
DROP TRIGGER knowledge_entries_search_vector ON knowledge_entries;
DROP FUNCTION knowledge_entries_search_vector();
DROP INDEX knowledge_entries_user_id_idx;
DROP INDEX knowledge_entries_search_vector_idx;
ALTER TABLE knowledge_entries DROP COLUMN search_vector;
DO $$
BEGIN
  IF pg_catalog.obj_description('knowledge_entries'::regclass::oid) = 'made by unified_embeddings 0004' THEN
    DROP TABLE knowledge_entries;
  END IF;
  IF pg_catalog.obj_description('users'::regclass::oid) = 'made by unified_embeddings 0004' THEN
    DROP TABLE users;
  END IF;
END
$$;

"""#
    ),
    (
      "verify.sql",
#"""
-- verify:structure every table, view and function is there
SELECT to_regclass(name) IS NOT NULL, name
FROM pg_catalog.unnest(ARRAY['embeddings', 'vector_search_stats', 'users', 'knowledge_entries',
  'redis_sessions', 'cache_invalidation_log', 'retrieval_configs',
  'search_performance_metrics']) name
UNION ALL
SELECT EXISTS (SELECT FROM pg_proc WHERE proname = name), name
FROM pg_catalog.unnest(ARRAY['upsert_embedding', 'similarity_search', 'hybrid_search',
  'rebuild_vector_indexes']) name;

-- verify:integrity every entry's search vector is kept
SELECT count(*) = 0, count(*)::text || ' knowledge entries without a search vector'
FROM knowledge_entries WHERE search_vector IS NULL;

-- verify:performance store one vector
SELECT upsert_embedding('verify'::text, gen_random_uuid(),
  pg_catalog.array_fill(0.1::real, ARRAY[1536])::vector, pg_catalog.repeat('0', 64),
  'text-embedding-3-large'::text, '{}'::jsonb) IS NOT NULL, 'stored and undone';

-- verify:performance search one vector
SELECT true, count(*)::text || ' found'
FROM similarity_search(
  pg_catalog.array_fill(0.1::real, ARRAY[1536])::vector, 0.8::float8, 5, NULL::text);

"""#
    )
  ]
}
