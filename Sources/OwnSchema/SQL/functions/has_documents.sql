-- Returns true where a collection has a document.

CREATE OR REPLACE FUNCTION vector_ferry.has_documents(p_user text, p_collection text)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer boolean;
BEGIN
  EXECUTE format(
    'SELECT EXISTS (SELECT FROM %s t WHERE t.user_id = $1 AND t.collection_name = $2)',
    vector_ferry.documents_of(vector_ferry.store_of(p_user, p_collection)))
  INTO answer USING p_user, p_collection;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION vector_ferry.has_documents(text, text) IS
  'Whether a collection has any document; one search of the index, however many there are.';
