-- Reads the numbers of dimensions that a query's vector may have: those of the files, of the model,
-- of the store and of the column.
-- query dimensions(user: String, collection: String)
SELECT a.dimensions FROM vector_ferry.store_of(:'user', :'collection') s
LEFT JOIN vector_ferry.projections p ON p.id = s.projection_id,
LATERAL (VALUES
  (1, s.source_dimensions), (2, p.source_dimensions), (3, s.dimensions),
  (4, vector_ferry.column_dimensions(
        coalesce(s.table_name, 'public.vector_documents'), 'embedding'))
) a (place, dimensions)
WHERE a.dimensions > 0 ORDER BY a.place;

-- Finds at most two documents whose ids lie in a range, of one user and collection or, where these
-- are null, of all.
-- query stored(first: String, last: String, user: String?, collection: String?)
SELECT id::text, user_id, collection_name, count(*)
FROM vector_ferry.stored_documents(:'first'::uuid, :'last'::uuid)
WHERE (:'user'::text IS NULL OR user_id = :'user')
  AND (:'collection'::text IS NULL OR collection_name = :'collection')
GROUP BY 1, 2, 3 LIMIT 2;

-- Searches a collection by a vector.
-- query nearest(user: String, collection: String, vector: SQL, limit: Int, threshold: Double?,
--   filter: String?)
SELECT id::text, text, coalesce(metadata, '{}')::text, similarity
FROM vector_ferry.similarity_search(
  :'user', :'collection', :vector, :'limit'::int, :'threshold',
  :'filter'::text::jsonb);

-- Searches a collection by a vector and by words.
-- query hybrid(user: String, collection: String, words: String, vector: SQL, limit: Int,
--   vectorWeight: Double?, keywordWeight: Double?, threshold: Double?, filter: String?,
--   fusion: String, configuration: String)
SELECT id::text, text, coalesce(metadata, '{}')::text, similarity, keyword_rank,
       hybrid_score, source
FROM vector_ferry.hybrid_search(
  :'user', :'collection', :'words', :vector, :'limit'::int, :'vectorWeight',
  :'keywordWeight', :'threshold', :'filter'::text::jsonb,
  :'fusion', :'configuration'::text::regconfig);
