-- The change since which the vectors of a table are of another embedding model, the last one
-- where there are several.
--
-- Of a change that is open the column's own dimension says whether its swap has come.

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
