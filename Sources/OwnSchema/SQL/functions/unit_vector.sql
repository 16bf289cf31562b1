-- Scales a vector to the length one, in double precision; a vector with only zeros stays
-- unchanged.
--
-- Numbers of at most 1e-37 after the scaling become zero: the cast to single precision would refuse
-- smaller ones.

CREATE OR REPLACE FUNCTION vector_ferry.unit_vector(p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  length float8 := pgvector.vector_norm(p_vector);
BEGIN
  IF length = 0 THEN RETURN p_vector; END IF;
  RETURN ARRAY(
    SELECT CASE WHEN abs(x / length) > 1e-37 THEN (x / length)::real ELSE 0 END
    FROM unnest(p_vector::real[]) WITH ORDINALITY u(x, i) ORDER BY i)::pgvector.vector;
END
$$;
