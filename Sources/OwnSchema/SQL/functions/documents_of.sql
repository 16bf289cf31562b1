-- The table of a store; for a collection that was not migrated, public.vector_documents, or else
-- the table of the newest store.

CREATE OR REPLACE FUNCTION vector_ferry.documents_of(p_store vector_ferry.stores)
RETURNS regclass
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer regclass := coalesce(
    to_regclass(p_store.table_name), to_regclass('public.vector_documents'));
BEGIN
  IF answer IS NULL THEN
    SELECT to_regclass(s.table_name) INTO answer FROM vector_ferry.stores s
    ORDER BY s.id DESC LIMIT 1;
  END IF;
  IF answer IS NULL THEN
    RAISE EXCEPTION 'there is no table of documents'
      USING ERRCODE = 'undefined_table', HINT = 'run: vector-ferry migrate';
  END IF;
  RETURN answer;
END
$$;
