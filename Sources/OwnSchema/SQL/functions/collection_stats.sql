-- Describes what a collection contains.

CREATE OR REPLACE FUNCTION vector_ferry.collection_stats(p_user text, p_collection text)
RETURNS TABLE (document_count bigint, dimensions int, oldest timestamptz, newest timestamptz,
               text_bytes bigint, migrated bigint, keeps_original boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
BEGIN
  RETURN QUERY EXECUTE format(
    $query$
      SELECT count(*), nullif(max(a.atttypmod), -1), min(t.created_at), max(t.created_at),
             coalesce(sum(octet_length(t.text)), 0)::bigint,
             CASE WHEN count(*) > 0 THEN $3 ELSE 0 END, $4
      FROM %s t, pg_attribute a
      WHERE a.attrelid = $5 AND a.attname = 'embedding'
        AND t.user_id = $1 AND t.collection_name = $2
    $query$, vector_ferry.documents_of(store))
  USING p_user, p_collection, coalesce(store.documents, 0),
        coalesce(store.keeps_original, false), vector_ferry.documents_of(store);
END
$$;
COMMENT ON FUNCTION vector_ferry.collection_stats(text, text) IS
  'How much a collection holds, and how much of it was migrated.';
