-- The record of dimension changes. Few databases ever need this table, and a search is faster
-- where it does not exist.

CREATE TABLE IF NOT EXISTS vector_ferry.dimension_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name text NOT NULL,
  column_name text NOT NULL,
  from_dimensions int NOT NULL,
  to_dimensions int NOT NULL,
  projection_id bigint REFERENCES vector_ferry.projections,
  recall float8,
  must_be_given boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('filling', 'swapped', 'finished', 'undone')),
  started_at timestamptz NOT NULL DEFAULT now(),
  swapped_at timestamptz,
  ended_at timestamptz,
  filler text,
  method text NOT NULL CHECK (method IN ('projection', 'zeros', 'reembedding')),
  provider text,
  model text,
  model_version text,
  text_column text,
  CHECK (method <> 'reembedding' OR num_nulls(provider, model, text_column) = 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS dimension_changes_open_key
  ON vector_ferry.dimension_changes (table_name, column_name)
  WHERE state IN ('filling', 'swapped');

-- Roles that may read the models may read this table, too; otherwise their searches would fail.
DO $$
DECLARE
  reader record;
BEGIN
  FOR reader IN
    SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = 'vector_ferry.projections'::regclass AND a.privilege_type = 'SELECT'
  LOOP
    EXECUTE format('GRANT SELECT ON vector_ferry.dimension_changes TO %s',
      CASE reader.grantee WHEN 0 THEN 'PUBLIC' ELSE reader.grantee::regrole::text END);
  END LOOP;
END
$$;
