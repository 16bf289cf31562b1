-- The ledger's row of a user's collection; where several tables hold the collection, a table
-- named vector_documents comes first, then the newest store.

CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
RETURNS vector_ferry.stores
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer vector_ferry.stores;
BEGIN
  SELECT s.* INTO answer FROM vector_ferry.stores s
  WHERE s.user_id = p_user AND s.collection_name = p_collection
  ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC
  LIMIT 1;
  RETURN answer;
END
$$;
