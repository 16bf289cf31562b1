-- verify:structure columns have their types, in production or template form
SELECT coalesce(a.typ ~ v.typ, false), pg_catalog.format('%s.%s is %s', v.t, v.c, coalesce(a.typ, 'absent'))
FROM (VALUES
  ('indexed_content', 'content_type', '^(character varying\(50\)|(public\.)?content_type)$'),
  ('indexed_content', 'status', '^(character varying\(20\)|(public\.)?index_status)$'),
  ('indexed_content', 'source_path', '^text$'), ('indexed_content', 'content_hash', '^character varying'),
  ('vector_embedding', 'embedding', 'vector\(384\)$'), ('vector_embedding', 'chunk_text', '^text$'),
  ('search_query', 'query_embedding', 'vector\(384\)$'),
  ('search_query', 'status', '^(character varying\(20\)|(public\.)?index_status)$'),
  ('search_result', 'context_lines', '^text\[\]$')) v (t, c, typ)
LEFT JOIN LATERAL (SELECT format_type(x.atttypid, x.atttypmod) AS typ FROM pg_attribute x
  WHERE x.attrelid = to_regclass(v.t)::oid AND x.attname = v.c) a ON true;

-- verify:structure constraints and functions are there
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = name), name
FROM pg_catalog.unnest(ARRAY['indexed_content_source_path_key', 'search_result_query_id_result_rank_key',
  'vector_embedding_content_id_chunk_index_key', 'search_result_embedding_id_fkey']) name
UNION ALL
SELECT EXISTS (SELECT FROM pg_proc WHERE proname = name), name
FROM pg_catalog.unnest(ARRAY['vector_cosine_similarity', 'find_similar_embeddings', 'search_results',
  'cleanup_old_search_results', 'reindex_content', 'migration_applied']) name;

-- verify:integrity no embedding is without its content
SELECT count(*) = 0, count(*)::text || ' orphaned embeddings' FROM vector_embedding e
WHERE NOT EXISTS (SELECT FROM indexed_content c WHERE c.id = e.content_id);

-- verify:integrity every model has vectors of one dimension
SELECT min(vector_dims(embedding)) = max(vector_dims(embedding)),
  pg_catalog.format('%s: %s to %s dimensions', metadata->>'model_name'::text, min(vector_dims(embedding)),
    max(vector_dims(embedding)))
FROM vector_embedding WHERE embedding IS NOT NULL GROUP BY metadata->>'model_name'::text;

-- verify:integrity completed content says when it was indexed
SELECT count(*) = 0, count(*)::text || ' completed without indexed_at' FROM indexed_content
WHERE lower(status::text) = 'completed' AND indexed_at IS NULL;

-- verify:integrity content has its embeddings
SELECT CASE WHEN s.status = 'completed' AND s.chunks THEN false END,
  pg_catalog.format('%s contents that are %s have %s', s.contents, s.status,
    CASE WHEN s.chunks THEN 'chunks without embedding' ELSE 'no embedding' END)
FROM (
  SELECT lower(c.status::text) AS status, e.chunks > 0 AS chunks, count(*) AS contents
  FROM indexed_content c CROSS JOIN LATERAL (
    SELECT count(*) AS chunks, pg_catalog.count(x.embedding) AS embedded FROM vector_embedding x
    WHERE x.content_id = c.id) e
  WHERE e.embedded < e.chunks OR e.chunks = 0
  GROUP BY 1, 2 ORDER BY 1, 2) s;

-- verify:integrity no (content_id, chunk_index) stands twice
SELECT false, pg_catalog.format('content %s, chunk %s', content_id, chunk_index)
FROM vector_embedding GROUP BY content_id, chunk_index HAVING count(*) > 1;

-- verify:performance store and search one vector, and the fields of a result
INSERT INTO indexed_content (content_type, source_path, content_hash, content, indexed_at)
VALUES ('source_file', '/verify/probe', pg_catalog.repeat('0', 64), 'a probe', now());
DO $$
BEGIN
  EXECUTE pg_catalog.format('UPDATE indexed_content SET status = %L WHERE source_path = ''/verify/probe''',
    CASE WHEN to_regtype('index_status') IS NULL THEN 'COMPLETED' ELSE 'completed' END);
END
$$;
INSERT INTO vector_embedding (content_id, embedding, chunk_index, chunk_text)
SELECT id, pg_catalog.array_fill(0.1::real, ARRAY[384])::vector, 0, 'a probe' FROM indexed_content
WHERE source_path = '/verify/probe';
SELECT count(*) > 0, 'fields of a result: ' || coalesce((
    SELECT pg_catalog.string_agg(key, ', ' ORDER BY key)
    FROM jsonb_object_keys((pg_catalog.array_agg(r))[1]) key), 'none')
FROM search_results(pg_catalog.array_fill(0.1::real, ARRAY[384])::vector, 0.5::float8, 1, NULL::text[]) r;
