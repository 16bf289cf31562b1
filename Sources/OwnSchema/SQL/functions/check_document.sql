-- Refuses the vector of a document that pgvector cannot compare: its distances would be wrong,
-- and would spoil the answers for the whole collection.

CREATE OR REPLACE FUNCTION vector_ferry.check_document(
  p_vector pgvector.vector, p_argument text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT vector_ferry.is_comparable(p_vector) THEN
    RAISE EXCEPTION '% has the length %; searches can compare vectors of lengths from 2.8e-17 to 3.6e16',
      p_argument, ltrim(to_char(pgvector.vector_norm(p_vector), '9.9EEEE'))
      USING ERRCODE = 'numeric_value_out_of_range',
            HINT = 'divide the vector by its length: no cosine changes';
  END IF;
END
$$;
