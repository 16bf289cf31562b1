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
