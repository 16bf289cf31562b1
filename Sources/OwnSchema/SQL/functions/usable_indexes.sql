-- The indexes by cosine that a search may use, on the column or on its cast to halfvec, which a
-- query must repeat.

CREATE OR REPLACE FUNCTION vector_ferry.usable_indexes(
  p_documents regclass, OUT indexes int, OUT halved int, OUT lists int)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT count(*), max(i.lists),
         CASE WHEN bool_and(i.key <> 'embedding')
           THEN max(substring(i.key FROM 'halfvec\((\d+)\)')::int) END
  INTO indexes, lists, halved
  FROM (
    SELECT pg_get_indexdef(x.indexrelid, 1, false) AS key,
           (SELECT o.option_value::int FROM pg_options_to_table(x.reloptions) o
            WHERE o.option_name = 'lists') AS lists
    FROM (
      SELECT y.indexrelid, c.reloptions
      FROM pg_index y JOIN pg_class c ON c.oid = y.indexrelid
      WHERE y.indrelid = p_documents AND y.indisvalid AND y.indpred IS NULL
        AND c.relam = ANY (ARRAY(
          SELECT a.oid FROM pg_am a WHERE a.amname IN ('hnsw', 'ivfflat')))
        AND y.indclass[0] = ANY (ARRAY(
          SELECT o.oid FROM pg_opclass o
          WHERE o.opcname IN ('vector_cosine_ops', 'halfvec_cosine_ops')))
      OFFSET 0) x  -- definitions are read for these only
  ) i
  WHERE i.key = 'embedding'
    OR i.key ~ '^\(*embedding\)*::(.+\.)?halfvec\(\d+\)\)*$';
END
$$;
