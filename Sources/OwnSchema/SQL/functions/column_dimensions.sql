-- Returns the number of dimensions of the vectors in a column.
--
-- The function is VOLATILE, so that its statements see what is committed when they start, even
-- where the search that calls the function began before a swap of columns and had to wait for the
-- swap.

CREATE OR REPLACE FUNCTION vector_ferry.column_dimensions(p_table regclass, p_column text)
RETURNS int
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer int;
BEGIN
  -- The lock stays until the transaction ends: no swap comes between this answer and its use.
  EXECUTE format('SELECT FROM %s LIMIT 0', p_table);
  SELECT a.atttypmod INTO answer FROM pg_attribute a
  WHERE a.attrelid = p_table AND a.attname = p_column AND NOT a.attisdropped;
  RETURN answer;
END
$$;
