-- Finds whether a table has the columns of knowledge_graph's statistics, and whether the code that
-- a writer of the table runs belongs to trusted roles alone.
-- query table(trusted: SQL, table: String)
WITH RECURSIVE :trusted
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
FROM pg_class c WHERE c.oid = to_regclass(:'table');

-- Adds a run's use of a service to that of its day.
-- query add(table: QualifiedName, calls: Int, hits: Int, misses: Int, tokens: Int, cost: Double)
INSERT INTO :table AS s (
  date, api_calls_count, cache_hits_count, cache_miss_count, tokens_used, estimated_cost)
VALUES (
  (now() AT TIME ZONE 'UTC')::date, :'calls'::int, :'hits'::int, :'misses'::int,
  :'tokens'::bigint, :'cost'::numeric)
ON CONFLICT (date) DO UPDATE SET
  api_calls_count = s.api_calls_count + excluded.api_calls_count,
  cache_hits_count = s.cache_hits_count + excluded.cache_hits_count,
  cache_miss_count = s.cache_miss_count + excluded.cache_miss_count,
  tokens_used = s.tokens_used + excluded.tokens_used,
  estimated_cost = s.estimated_cost + excluded.estimated_cost;
