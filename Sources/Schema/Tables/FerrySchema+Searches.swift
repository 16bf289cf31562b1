internal import Postgres

extension FerrySchema {
  /// How searches have gone; and the room for search functions that a migration of the set
  /// vector_documents used to make.
  static func searches(vector: QualifiedName) -> SQL {
    """
    DROP VIEW IF EXISTS vector_ferry.vector_search_stats;
    DROP FUNCTION IF EXISTS vector_ferry.collection_stats(text, text);
    DROP FUNCTION IF EXISTS vector_ferry.upsert_document(text, text, text, \(vector), jsonb, uuid);
    DROP FUNCTION IF EXISTS vector_ferry.hybrid_search(
      text, text, text, \(vector), int, float8, float8, float8, jsonb);

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

    INSERT INTO vector_ferry.version (number) VALUES (5);
    """
  }

  /// What the parts of a search tell each other: which index it uses, and what the settings were.
  static var searchTypes: SQL {
    """
    DROP FUNCTION IF EXISTS vector_ferry.search_index(regclass, text, text, jsonb, int);
    DROP FUNCTION IF EXISTS vector_ferry.raise_effort(int, float8, int);
    DROP FUNCTION IF EXISTS vector_ferry.restore_settings(jsonb);

    CREATE TYPE vector_ferry.index_choice AS (halved int, lists int, share float8);
    CREATE TYPE vector_ferry.search_effort AS (
      ef_search text, probes text, hnsw_scan text, ivfflat_scan text);

    INSERT INTO vector_ferry.version (number) VALUES (6);
    """
  }
}
