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
