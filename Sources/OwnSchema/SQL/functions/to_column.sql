-- Converts a vector to the present dimension of the column.

CREATE OR REPLACE FUNCTION vector_ferry.to_column(
  p_table text, p_vector pgvector.vector, p_is_query boolean)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted int;
  reembedding bigint;
  change bigint := 0;
BEGIN
  IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN p_vector; END IF;
  PERFORM FROM vector_ferry.dimension_changes c
  WHERE c.table_name = p_table AND c.column_name = 'embedding' AND c.state <> 'undone';
  IF NOT FOUND THEN RETURN p_vector; END IF;
  wanted := vector_ferry.column_dimensions(p_table::regclass, 'embedding');
  reembedding := vector_ferry.reembedding_of(p_table);
  LOOP
    IF wanted IS NULL OR wanted = pgvector.vector_dims(p_vector) THEN RETURN p_vector; END IF;
    -- Changes before the texts were embedded anew do not concern vectors of the new model.
    SELECT min(c.id) INTO change FROM vector_ferry.dimension_changes c
    WHERE c.table_name = p_table AND c.column_name = 'embedding'
      AND c.id > greatest(change, reembedding)
      AND c.from_dimensions = pgvector.vector_dims(p_vector)
      AND c.state <> 'undone' AND c.method <> 'reembedding';
    IF change IS NULL THEN
      -- The vector is not of the column's model: this call raises the error.
      RETURN CASE WHEN reembedding IS NULL THEN p_vector
        ELSE vector_ferry.change_vector(reembedding, p_vector, p_is_query) END;
    END IF;
    p_vector := vector_ferry.change_vector(change, p_vector, p_is_query);
  END LOOP;
END
$$;
COMMENT ON FUNCTION vector_ferry.to_column(text, pgvector.vector, boolean) IS
  'A vector in the present dimension of the column embedding of a table.';
