-- All tables of documents that the session may read.

CREATE OR REPLACE FUNCTION vector_ferry.document_tables()
RETURNS SETOF regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.name FROM (
    SELECT to_regclass('public.vector_documents') AS name
    UNION SELECT to_regclass(s.table_name) FROM vector_ferry.stores s) t
  WHERE t.name IS NOT NULL AND has_table_privilege(t.name, 'SELECT')
$$;
