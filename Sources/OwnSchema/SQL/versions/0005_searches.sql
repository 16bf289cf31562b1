-- How searches have gone; and the room for search functions that a migration of the set
-- vector_documents used to make.

DROP VIEW IF EXISTS vector_ferry.vector_search_stats;
DROP FUNCTION IF EXISTS vector_ferry.collection_stats(text, text);
DROP FUNCTION IF EXISTS vector_ferry.upsert_document(
  text, text, text, pgvector.vector, jsonb, uuid);
DROP FUNCTION IF EXISTS vector_ferry.hybrid_search(
  text, text, text, pgvector.vector, int, float8, float8, float8, jsonb);

CREATE TABLE IF NOT EXISTS vector_ferry.search_performance_metrics (
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
CREATE INDEX IF NOT EXISTS search_performance_metrics_created_at_idx
  ON vector_ferry.search_performance_metrics (created_at);
