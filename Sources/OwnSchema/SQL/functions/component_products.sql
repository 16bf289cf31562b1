-- Returns the inner products of a vector with each component of a model. The vector's first piece
-- is multiplied by the components' piece p_piece, the second piece by the next one, and so on.

CREATE OR REPLACE FUNCTION vector_ferry.component_products(
  p_projection bigint, p_piece int, p_size int, p_numbers real[])
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part pgvector.vector;
  products pgvector.vector;
  sums pgvector.vector;
BEGIN
  FOR place IN 0 .. (cardinality(p_numbers) - 1) / p_size LOOP
    part := p_numbers[place * p_size + 1:(place + 1) * p_size];
    -- pgvector's <#> is the inner product with its sign turned.
    products := ARRAY(
      SELECT -(c.component OPERATOR(pgvector.<#>) part)
      FROM vector_ferry.projection_components c
      WHERE c.projection_id = p_projection AND c.piece = p_piece + place
      ORDER BY c.number);
    sums := CASE WHEN place = 0 THEN products ELSE sums OPERATOR(pgvector.+) products END;
  END LOOP;
  RETURN sums;
END
$$;
