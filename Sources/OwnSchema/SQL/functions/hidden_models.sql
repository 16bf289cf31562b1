-- The tables of models whose policy shows only the models of stores, although there is a record
-- of dimension changes; and the column of each table that holds the model's number.

CREATE OR REPLACE FUNCTION vector_ferry.hidden_models()
RETURNS TABLE (place regclass, name name, key name)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT c.oid::regclass, c.relname, m.key::name
    FROM (VALUES ('projections', 'id'), ('projection_components', 'projection_id')) m (name, key)
    JOIN pg_class c ON c.relname = m.name AND c.relnamespace = to_regnamespace('vector_ferry')
    WHERE c.relrowsecurity AND to_regclass('vector_ferry.dimension_changes') IS NOT NULL
      AND EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = 'vector_ferry_own_rows')
      AND NOT EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = 'vector_ferry_dimension_changes');
END
$$;
