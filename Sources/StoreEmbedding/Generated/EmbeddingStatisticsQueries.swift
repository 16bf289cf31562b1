// Written by Scripts/embed-sets.py from Sources/StoreEmbedding/SQL/embedding_statistics.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of embedding_statistics.sql.
enum EmbeddingStatisticsQueries {
  /// Finds whether a table has the columns of knowledge_graph's statistics, and whether the code that
  /// a writer of the table runs belongs to trusted roles alone.
  static func table(trusted: SQL, table: String) -> SQL {
#"""
WITH RECURSIVE \#(trusted)
SELECT c.relkind = 'r'
       AND (SELECT count(*) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND NOT a.attisdropped
              AND a.attname IN ('date', 'api_calls_count', 'cache_hits_count',
                                'cache_miss_count', 'tokens_used', 'estimated_cost')) = 6,
       c.relowner IN (SELECT oid FROM trusted)
       AND NOT EXISTS (
         SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
         WHERE g.tgrelid = c.oid AND NOT g.tgisinternal
           AND p.proowner NOT IN (SELECT oid FROM trusted)),
       pg_get_userbyid(c.relowner)::text
FROM pg_class c WHERE c.oid = to_regclass(\#(table))
"""#
  }

  /// Adds a run's use of a service to that of its day.
  static func add(
    table: QualifiedName,
    calls: Int,
    hits: Int,
    misses: Int,
    tokens: Int,
    cost: Double
  ) -> SQL {
#"""
INSERT INTO \#(table) AS s (
  date, api_calls_count, cache_hits_count, cache_miss_count, tokens_used, estimated_cost)
VALUES (
  (now() AT TIME ZONE 'UTC')::date, \#(calls)::int, \#(hits)::int, \#(misses)::int,
  \#(tokens)::bigint, \#(cost)::numeric)
ON CONFLICT (date) DO UPDATE SET
  api_calls_count = s.api_calls_count + excluded.api_calls_count,
  cache_hits_count = s.cache_hits_count + excluded.cache_hits_count,
  cache_miss_count = s.cache_miss_count + excluded.cache_miss_count,
  tokens_used = s.tokens_used + excluded.tokens_used,
  estimated_cost = s.estimated_cost + excluded.estimated_cost
"""#
  }
}
