-- Reduces a query for similarity search, and scales it where its length would cost digits.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_query(
  p_user text, p_collection text, p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN vector_ferry.scale_query(
    vector_ferry.reduce_in_collection(p_user, p_collection, p_vector, true));
END
$$;
COMMENT ON FUNCTION vector_ferry.reduce_query(text, text, pgvector.vector) IS
  'Reduces a query for similarity search in a collection.';
