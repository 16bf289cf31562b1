-- Describes what all collections contain.
--
-- The view calls a function, so that the view can be created without a table of documents, and
-- does not prevent dropping one.

CREATE OR REPLACE FUNCTION vector_ferry.search_stats()
RETURNS TABLE (user_id text, collection_name text, documents bigint, oldest timestamptz,
               newest timestamptz, last_change timestamptz, table_name text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place regclass;
  newest_change text;
BEGIN
  FOR place IN SELECT vector_ferry.document_tables() LOOP
    -- A table of the application's own need not have this column.
    newest_change := CASE WHEN EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = place AND a.attname = 'updated_at'
          AND a.atttypid = 'timestamptz'::regtype AND NOT a.attisdropped)
      THEN 'max(t.updated_at)' ELSE 'NULL::timestamptz' END;
    RETURN QUERY EXECUTE format(
      $query$
        SELECT t.user_id::text, t.collection_name::text, count(*), min(t.created_at),
               max(t.created_at), %s, $1
        FROM %s t GROUP BY 1, 2
      $query$, newest_change, place)
    USING place::text;
  END LOOP;
END
$$;

CREATE OR REPLACE VIEW vector_ferry.vector_search_stats AS
  SELECT * FROM vector_ferry.search_stats();
COMMENT ON VIEW vector_ferry.vector_search_stats IS
  'Every collection that the session may see: documents, oldest, newest, last change.';
