-- verify:structure tables, view and functions are there
SELECT to_regclass(name) IS NOT NULL, name
FROM pg_catalog.unnest(ARRAY['vector_documents', 'vector_ferry.stores', 'vector_ferry.vector_search_stats',
  'vector_ferry.search_performance_metrics']) name
UNION ALL
SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE n.nspname = 'vector_ferry' AND p.proname = name), name
FROM pg_catalog.unnest(ARRAY['similarity_search', 'hybrid_search', 'upsert_document', 'reduce_query',
  'reduce_document', 'collection_stats']) name;

-- verify:structure the column embedding has a dimension
SELECT a.atttypmod > 0, 'vector_documents.embedding' FROM pg_attribute a
WHERE a.attrelid = to_regclass('vector_documents')::oid AND a.attname = 'embedding';

-- verify:integrity every document that was migrated is there
SELECT count(*) = 0, count(*)::text || ' migrated documents are gone from vector_documents'
FROM vector_ferry.documents l JOIN vector_ferry.stores s ON s.id = l.store_id
WHERE s.table_name LIKE '%.vector_documents'
  AND NOT EXISTS (SELECT FROM vector_documents d WHERE d.id = l.document_id);

-- verify:performance store one document
SELECT vector_ferry.upsert_document('verify', 'verify', 'a probe',
  pg_catalog.array_fill(0.1::real, ARRAY[(SELECT atttypmod FROM pg_attribute
    WHERE attrelid = 'vector_documents'::regclass::oid AND attname = 'embedding')])::vector) IS NOT NULL,
  'stored and undone';

-- verify:performance search one vector
SELECT true, count(*)::text || ' found' FROM vector_ferry.similarity_search('verify', 'verify',
  pg_catalog.array_fill(0.1::real, ARRAY[(SELECT atttypmod FROM pg_attribute
    WHERE attrelid = 'vector_documents'::regclass::oid AND attname = 'embedding')])::vector, 5);
