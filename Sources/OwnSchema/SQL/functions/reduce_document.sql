-- Reduces the vector of a document that is added; refuses a vector that pgvector cannot compare.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_document(
  p_user text, p_collection text, p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vector_ferry.check_document(p_vector, 'p_vector');
  RETURN vector_ferry.reduce_in_collection(p_user, p_collection, p_vector, false);
END
$$;
COMMENT ON FUNCTION vector_ferry.reduce_document(text, text, pgvector.vector) IS
  'Reduces the vector of a document that is added to a collection.';
