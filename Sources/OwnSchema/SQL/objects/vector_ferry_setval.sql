-- Replaces setval in the trial of a statement: records which sequence would be set to which
-- value, because no rollback would undo the real setval.

CREATE FUNCTION pg_temp.vector_ferry_setval (
  pg_catalog.regclass, pg_catalog.int8, pg_catalog.bool DEFAULT true)
RETURNS pg_catalog.int8 LANGUAGE sql STRICT VOLATILE AS $$
  SELECT CASE WHEN pg_catalog.set_config('vector_ferry.settings', pg_catalog.concat(
    pg_catalog.current_setting('vector_ferry.settings', true), $1::pg_catalog.oid, ' ', $2,
    ' ', $3::pg_catalog.text, ';'), true) IS NOT NULL THEN $2 END
$$;
