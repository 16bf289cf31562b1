-- Returns the number of documents that the planner expects; the function is volatile, because only
-- volatile functions may use EXPLAIN.

CREATE OR REPLACE FUNCTION vector_ferry.expected_rows(
  p_documents regclass, p_user text, p_collection text, p_filter jsonb)
RETURNS float8
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE format(
    $query$
      EXPLAIN (FORMAT json) SELECT FROM %s t
      WHERE t.user_id = $1 AND t.collection_name = $2
        AND ($3 IS NULL OR t.metadata @> $3)
    $query$, p_documents)
  INTO plan USING p_user, p_collection, p_filter;
  RETURN (plan->0->'Plan'->>'Plan Rows')::float8;
END
$$;
