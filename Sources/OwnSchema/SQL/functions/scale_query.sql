-- Scales a query to the length one where its own length would cost digits in half precision: no
-- cosine changes. Other queries, and vectors with only zeros, stay unchanged.
--
-- For a length of at least 2^-7, the root mean square of up to 2^14 numbers is at least 2^-14; for
-- a length of at most 2^15, no number is too large (check_original.sql).

CREATE OR REPLACE FUNCTION vector_ferry.scale_query(p_query pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pgvector.vector_norm(p_query) BETWEEN 0.0078125 AND 32768 THEN RETURN p_query; END IF;
  RETURN vector_ferry.unit_vector(p_query);
END
$$;
