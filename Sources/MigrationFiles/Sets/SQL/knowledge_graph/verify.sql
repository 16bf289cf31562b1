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
