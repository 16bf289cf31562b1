-- Converts a vector in the way in which a change of a column's dimension has converted the
-- vectors of the column.

CREATE OR REPLACE FUNCTION vector_ferry.change_vector(
  p_change bigint, p_vector pgvector.vector, p_is_query boolean)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  change record;
  projection vector_ferry.projections;
BEGIN
  SELECT c.* INTO STRICT change FROM vector_ferry.dimension_changes c WHERE c.id = p_change;
  IF change.method = 'reembedding' THEN
    IF pgvector.vector_dims(p_vector) = change.to_dimensions THEN RETURN p_vector; END IF;
    RAISE EXCEPTION 'the vectors of %.% are of the model % (%), which makes % dimensions, not %',
      change.table_name, quote_ident(change.column_name), change.model, change.provider,
      change.to_dimensions, pgvector.vector_dims(p_vector)
      USING ERRCODE = 'data_exception',
            HINT = 'embed the text with that model, and pass the vector unchanged';
  END IF;
  IF change.projection_id IS NULL THEN
    RETURN (p_vector::real[]
      || array_fill(0::real, ARRAY[change.to_dimensions - change.from_dimensions])
    )::pgvector.vector;
  END IF;
  SELECT p.* INTO STRICT projection FROM vector_ferry.projections p
  WHERE p.id = change.projection_id;
  RETURN vector_ferry.reduce(projection, p_vector,
    CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END);
END
$$;
