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
