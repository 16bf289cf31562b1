-- migrate:up
CREATE INDEX vector_documents_text_idx ON vector_documents
  USING gin (to_tsvector('english', text));

CREATE TABLE vector_ferry.search_performance_metrics (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id varchar(255),
  collection_name varchar(255),
  query_text text,
  search_type varchar(20) NOT NULL CHECK (search_type IN ('vector', 'keyword', 'hybrid')),
  result_count int NOT NULL,
  execution_time_ms float8 NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX search_performance_metrics_created_at_idx
  ON vector_ferry.search_performance_metrics (created_at);

-- Two legs, each with its own index; keyword ranks are divided by the best one.
CREATE FUNCTION vector_ferry.hybrid_search(
  p_user text, p_collection text, p_query text, p_embedding vector, p_k int DEFAULT 5,
  p_vector_weight float8 DEFAULT 0.7, p_keyword_weight float8 DEFAULT 0.3,
  p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL)
RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8, keyword_rank float8,
               hybrid_score float8, source text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH reduced AS (
    SELECT vector_ferry.reduce_query(p_user, p_collection, p_embedding) AS query
  ), by_vector AS (
    SELECT d.id, 1 - (d.embedding <=> (SELECT query FROM reduced)) AS similarity
    FROM vector_documents d
    WHERE d.user_id = p_user AND d.collection_name = p_collection
      AND (p_filter IS NULL OR d.metadata @> p_filter)
    ORDER BY d.embedding <=> (SELECT query FROM reduced)
    LIMIT p_k * 4
  ), by_keyword AS (
    SELECT d.id,
           ts_rank(to_tsvector('english', d.text), websearch_to_tsquery('english', p_query)) AS rank
    FROM vector_documents d
    WHERE d.user_id = p_user AND d.collection_name = p_collection
      AND (p_filter IS NULL OR d.metadata @> p_filter)
      AND to_tsvector('english', d.text) @@ websearch_to_tsquery('english', p_query)
    ORDER BY rank DESC
    LIMIT p_k * 4
  ), best AS (SELECT max(rank) AS rank FROM by_keyword),
  near AS (
    SELECT * FROM by_vector v WHERE p_threshold IS NULL OR v.similarity >= p_threshold
  )
  SELECT d.id, d.text, d.metadata, 1 - (d.embedding <=> (SELECT query FROM reduced)),
         coalesce(w.rank / nullif(best.rank, 0), 0),
         p_vector_weight * coalesce(v.similarity, 0)
           + p_keyword_weight * coalesce(w.rank / nullif(best.rank, 0), 0),
         CASE WHEN w.id IS NULL THEN 'vector' WHEN v.id IS NULL THEN 'keyword' ELSE 'hybrid' END
  FROM near v FULL JOIN by_keyword w ON w.id = v.id
  JOIN vector_documents d ON d.id = coalesce(v.id, w.id)
  CROSS JOIN best
  ORDER BY 6 DESC, d.id
  LIMIT p_k
$$;

CREATE FUNCTION vector_ferry.upsert_document(
  p_user text, p_collection text, p_text text, p_embedding vector,
  p_metadata jsonb DEFAULT '{}', p_id uuid DEFAULT NULL)
RETURNS uuid LANGUAGE sql SET search_path FROM CURRENT AS $$
  INSERT INTO vector_documents (id, user_id, collection_name, text, embedding, metadata)
  VALUES (coalesce(p_id, gen_random_uuid()), p_user, p_collection, p_text,
          vector_ferry.reduce_document(p_user, p_collection, p_embedding), p_metadata)
  ON CONFLICT (id) DO UPDATE
    SET text = excluded.text, embedding = excluded.embedding, metadata = excluded.metadata
    WHERE vector_documents.user_id = excluded.user_id
      AND vector_documents.collection_name = excluded.collection_name
  RETURNING id
$$;

CREATE FUNCTION vector_ferry.collection_stats(p_user text, p_collection text)
RETURNS TABLE (document_count bigint, dimensions int, oldest timestamptz, newest timestamptz,
               text_bytes bigint)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT count(*), max(vector_dims(embedding)), min(created_at), max(created_at),
         coalesce(sum(octet_length(text)), 0)::bigint
  FROM vector_documents WHERE user_id = p_user AND collection_name = p_collection
$$;

CREATE VIEW vector_ferry.vector_search_stats AS
SELECT user_id, collection_name, count(*) AS documents, min(created_at) AS oldest,
       max(created_at) AS newest, max(updated_at) AS last_change
FROM vector_documents GROUP BY user_id, collection_name;

-- migrate:down
DROP VIEW vector_ferry.vector_search_stats;
DROP FUNCTION vector_ferry.collection_stats(text, text);
DROP FUNCTION vector_ferry.upsert_document(text, text, text, vector, jsonb, uuid);
DROP FUNCTION vector_ferry.hybrid_search(
  text, text, text, vector, int, float8, float8, float8, jsonb);
DROP TABLE vector_ferry.search_performance_metrics;
DROP INDEX vector_documents_text_idx;
