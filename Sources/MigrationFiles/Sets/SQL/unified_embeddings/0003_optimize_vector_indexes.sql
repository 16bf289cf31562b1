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
