-- Stored documents, each with a vector for a query: the original where search ranks by
-- originals, and otherwise the stored vector.

CREATE OR REPLACE FUNCTION vector_ferry.stored_documents(p_first uuid, p_last uuid)
RETURNS TABLE (id uuid, user_id text, collection_name text, query pgvector.vector)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place regclass;
  original text := 'NULL';
BEGIN
  IF to_regclass('vector_ferry.originals') IS NOT NULL THEN
    original := $query$
      (SELECT o.embedding::pgvector.vector FROM vector_ferry.originals o
       JOIN vector_ferry.stores s ON s.id = o.store_id AND s.keeps_original
       JOIN vector_ferry.projections p ON p.id = s.projection_id
         AND NOT (p.is_exact AND p.store_id IS NOT NULL)
       WHERE o.document_id = t.id AND s.user_id = t.user_id
         AND s.collection_name = t.collection_name
         AND o.reduced_digest = sha256(pgvector.vector_send(t.embedding)) LIMIT 1)
      $query$;
  END IF;
  FOR place IN SELECT vector_ferry.document_tables() LOOP
    RETURN QUERY EXECUTE format(
      $query$
        SELECT t.id, t.user_id::text, t.collection_name::text, coalesce(%s, t.embedding)
        FROM %s t WHERE t.id BETWEEN $1 AND $2 ORDER BY t.id
      $query$, original, place)
    USING p_first, p_last;
  END LOOP;
END
$$;
COMMENT ON FUNCTION vector_ferry.stored_documents(uuid, uuid) IS
  'Documents by their ids, each with the vector that finds documents like it.';
