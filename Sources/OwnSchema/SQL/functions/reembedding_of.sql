-- The change that gave a table vectors of another embedding model, the last where there are
-- several; null where there is none.
--
-- Where a change is not finished, the column's dimension shows whether the columns were swapped.

CREATE OR REPLACE FUNCTION vector_ferry.reembedding_of(p_table text)
RETURNS bigint
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  change record;
BEGIN
  IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN NULL; END IF;
  FOR change IN
    SELECT c.id, c.state, c.to_dimensions FROM vector_ferry.dimension_changes c
    WHERE c.table_name = p_table AND c.column_name = 'embedding'
      AND c.method = 'reembedding' AND c.state <> 'undone'
    ORDER BY c.id DESC
  LOOP
    IF change.state = 'finished' OR change.to_dimensions
      = vector_ferry.column_dimensions(p_table::regclass, 'embedding')
    THEN
      RETURN change.id;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION vector_ferry.reembedding_of(text) IS
  'The number of the change that gave a table vectors of another embedding model.';
