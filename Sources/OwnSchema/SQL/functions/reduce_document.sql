-- Reduces the vector of a document that is added.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_document(
  p_user text, p_collection text, p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN vector_ferry.reduce_in_collection(p_user, p_collection, p_vector, false);
END
$$;
COMMENT ON FUNCTION vector_ferry.reduce_document(text, text, pgvector.vector) IS
  'Reduces the vector of a document that is added to a collection.';
