// Written by Scripts/embed-sets.py from Sources/MigrationFiles/Sets/SQL/knowledge_graph; do not edit.
// swift-format-ignore-file

extension BundledFiles {
  static let knowledgeGraph: [(name: String, text: String)] = [
    (
      "001_create_knowledge_graph_tables.sql",
#"""
-- migrate:up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE code_embeddings (
  id serial PRIMARY KEY,
  file_path text NOT NULL,
  file_hash varchar(64) NOT NULL,
  content_preview text,
  embedding vector(1536),
  language varchar(50),
  tokens_count int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT code_embeddings_file_path_file_hash_key UNIQUE (file_path, file_hash)
);

CREATE TABLE code_patterns (
  id serial PRIMARY KEY,
  pattern_name varchar(255) NOT NULL,
  pattern_type varchar(100) NOT NULL,
  pattern_template text NOT NULL,
  language varchar(50) NOT NULL,
  frequency int NOT NULL DEFAULT 1,
  confidence_score real NOT NULL DEFAULT 0
    CHECK (confidence_score BETWEEN 0::real AND 1::real),
  examples jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT code_patterns_pattern_name_language_key UNIQUE (pattern_name, language)
);

CREATE TABLE code_relationships (
  id serial PRIMARY KEY,
  source_file text NOT NULL,
  target_file text NOT NULL,
  relationship_type varchar(100) NOT NULL,
  source_entity text,
  target_entity text,
  strength real NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE embedding_cache_stats (
  id serial PRIMARY KEY,
  date date NOT NULL UNIQUE,
  api_calls_count int NOT NULL DEFAULT 0,
  cache_hits_count int NOT NULL DEFAULT 0,
  cache_miss_count int NOT NULL DEFAULT 0,
  tokens_used bigint NOT NULL DEFAULT 0,
  estimated_cost numeric(12, 6) NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX code_embeddings_embedding_idx ON code_embeddings
  USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX code_embeddings_file_path_idx ON code_embeddings (file_path);
CREATE INDEX code_embeddings_file_hash_idx ON code_embeddings (file_hash);
CREATE INDEX code_embeddings_language_idx ON code_embeddings (language);
CREATE INDEX code_embeddings_created_at_idx ON code_embeddings (created_at);
CREATE INDEX code_patterns_pattern_type_idx ON code_patterns (pattern_type);
CREATE INDEX code_patterns_language_idx ON code_patterns (language);
CREATE INDEX code_patterns_frequency_idx ON code_patterns (frequency DESC);
CREATE INDEX code_relationships_source_file_idx ON code_relationships (source_file);
CREATE INDEX code_relationships_target_file_idx ON code_relationships (target_file);
CREATE INDEX code_relationships_relationship_type_idx ON code_relationships (relationship_type);
CREATE INDEX embedding_cache_stats_created_at_idx ON embedding_cache_stats (created_at);

CREATE FUNCTION knowledge_graph_touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;

CREATE TRIGGER code_embeddings_updated_at BEFORE UPDATE ON code_embeddings
  FOR EACH ROW EXECUTE FUNCTION knowledge_graph_touch_updated_at();
CREATE TRIGGER code_patterns_updated_at BEFORE UPDATE ON code_patterns
  FOR EACH ROW EXECUTE FUNCTION knowledge_graph_touch_updated_at();
CREATE TRIGGER code_relationships_updated_at BEFORE UPDATE ON code_relationships
  FOR EACH ROW EXECUTE FUNCTION knowledge_graph_touch_updated_at();
CREATE TRIGGER embedding_cache_stats_updated_at BEFORE UPDATE ON embedding_cache_stats
  FOR EACH ROW EXECUTE FUNCTION knowledge_graph_touch_updated_at();

-- migrate:down
-- In reverse order of dependency; the extension stays, since others may use it.
DROP TABLE code_relationships;
DROP TABLE code_patterns;
DROP TABLE embedding_cache_stats;
DROP TABLE code_embeddings;
DROP FUNCTION knowledge_graph_touch_updated_at();

"""#
    ),
    (
      "002_row_level_security.sql",
#"""
-- migrate:up
-- Each policy only where its role exists: Supabase has both roles, a plain server has neither.
-- Without a policy a role sees no row at all, so that row-level security stays off where neither
-- role exists, unless the setting vector_ferry.row_level_security asks for it.
DO $$
DECLARE
  name text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname IN ('service_role', 'authenticated'))
    AND lower(coalesce(pg_catalog.current_setting('vector_ferry.row_level_security', true), ''))
      NOT IN ('on', 'true', 'yes', '1')
  THEN
    RAISE NOTICE 'row-level security stays off: neither service_role nor authenticated exists, and without their policies other roles would see no row'
      USING HINT = 'ALTER DATABASE … SET vector_ferry.row_level_security = on enables it all the same';
    RETURN;
  END IF;
  FOREACH name IN ARRAY ARRAY[
    'code_embeddings', 'code_patterns', 'code_relationships', 'embedding_cache_stats']
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %I FOR ALL TO service_role USING (true) WITH CHECK (true)',
        name || '_service', name);
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %I FOR SELECT TO authenticated USING (true)',
        name || '_read', name);
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %I FOR INSERT TO authenticated WITH CHECK (true)',
        name || '_insert', name);
      EXECUTE pg_catalog.format(
        'CREATE POLICY %I ON %I FOR UPDATE TO authenticated USING (true) WITH CHECK (true)',
        name || '_update', name);
    END IF;
  END LOOP;
END
$$;

-- migrate:down
DO $$
DECLARE
  policy record;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'code_embeddings', 'code_patterns', 'code_relationships', 'embedding_cache_stats']
  LOOP
    FOR policy IN
      SELECT polname FROM pg_policy WHERE polrelid = name::regclass::oid
        AND polname IN (name || '_service', name || '_read', name || '_insert', name || '_update')
    LOOP
      EXECUTE pg_catalog.format('DROP POLICY %I ON %I', policy.polname, name);
    END LOOP;
    EXECUTE pg_catalog.format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', name);
  END LOOP;
END
$$;

"""#
    ),
    (
      "verify.sql",
#"""
-- verify:structure every table is there
SELECT to_regclass(name) IS NOT NULL, name
FROM pg_catalog.unnest(ARRAY['code_embeddings', 'code_patterns', 'code_relationships',
  'embedding_cache_stats']) name;

-- verify:structure the HNSW index on code_embeddings.embedding is there
SELECT EXISTS (
  SELECT FROM pg_class c JOIN pg_am a ON a.oid = c.relam
  WHERE c.oid = to_regclass('code_embeddings_embedding_idx')::oid AND a.amname = 'hnsw'),
  'code_embeddings_embedding_idx';

-- verify:structure unique constraints are there
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND contype = 'u'), name
FROM pg_catalog.unnest(ARRAY['code_embeddings_file_path_file_hash_key',
  'code_patterns_pattern_name_language_key', 'embedding_cache_stats_date_key']) name;

-- verify:integrity hashes are SHA-256 in hexadecimal digits
SELECT count(*) = 0, count(*)::text || ' rows of code_embeddings with another hash'
FROM code_embeddings WHERE file_hash::text !~ '^[0-9a-fA-F]{64}$';

-- verify:performance search one vector
SELECT true, 'searched among ' || (SELECT count(*)::text FROM code_embeddings) || ' rows'
FROM (SELECT id FROM code_embeddings
      ORDER BY embedding <=> pg_catalog.array_fill(0.1::real, ARRAY[1536])::vector LIMIT 5) found
RIGHT JOIN (SELECT 1) one ON true LIMIT 1;

"""#
    )
  ]
}
