-- Converts a query to the dimension of the column, and to a length that can be compared; refuses
-- a vector with only zeros.

CREATE OR REPLACE FUNCTION vector_ferry.query_of(
  p_store vector_ferry.stores, p_user text, p_collection text, p_query pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pgvector.vector_norm(p_query) = 0 THEN
    RAISE EXCEPTION 'a query vector with only zeros cannot be compared'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- The dimension of the column may have been changed since the ledger recorded it.
  IF pgvector.vector_dims(p_query) IS DISTINCT FROM p_store.dimensions
    OR to_regclass('vector_ferry.dimension_changes') IS NOT NULL
  THEN
    RETURN vector_ferry.reduce_query(p_user, p_collection, p_query);
  END IF;
  RETURN vector_ferry.scale_query(p_query);
END
$$;
