-- The reduction that both kinds of vectors share; p_slot takes what lies outside the span.

CREATE OR REPLACE FUNCTION vector_ferry.reduce(
  p_projection vector_ferry.projections, p_vector pgvector.vector, p_slot int)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  centered pgvector.vector := CASE WHEN p_projection.mean IS NULL THEN p_vector
                              ELSE p_vector OPERATOR(pgvector.-) p_projection.mean END;
  coordinates float8[];
  squares float8;
  reduced real[] := array_fill(0::real, ARRAY[p_projection.dimensions]);
BEGIN
  IF p_projection.kind = 'truncated' THEN
    reduced := (p_vector::real[])[1:p_projection.dimensions];
    squares := (SELECT sqrt(sum(x::float8 * x)) FROM unnest(reduced) x);
    RETURN CASE WHEN squares > 0
      THEN ARRAY(SELECT (x / squares)::real FROM unnest(reduced) WITH ORDINALITY u(x, i)
                 ORDER BY i)::pgvector.vector
      ELSE reduced::pgvector.vector END;
  END IF;
  -- pgvector's <#> is the inner product with its sign turned.
  SELECT array_agg(p.value ORDER BY p.number), sum(p.value ^ 2)
  INTO coordinates, squares
  FROM (SELECT c.number, -(c.component OPERATOR(pgvector.<#>) centered) AS value
        FROM vector_ferry.projection_components c
        WHERE c.projection_id = p_projection.id
        OFFSET 0) p;  -- computed once for both uses
  IF p_projection.rank > 0 THEN
    reduced := coordinates::real[]
      || array_fill(0::real, ARRAY[p_projection.dimensions - p_projection.rank]);
  END IF;
  IF p_slot IS NOT NULL THEN
    reduced[p_slot + 1] := sqrt(greatest(0,
      -(centered OPERATOR(pgvector.<#>) centered) - coalesce(squares, 0)))::real;
  END IF;
  RETURN reduced::pgvector.vector;
END
$$;
