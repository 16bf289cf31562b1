// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/parts; do not edit.
// swift-format-ignore-file

extension FerryFiles {
  package static let parts: [(name: String, text: String)] = [
    (
      "dimension_changes.sql",
#"""
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

"""#
    ),
    (
      "originals.sql",
#"""
-- Unreduced vectors. Their type halfvec exists since pgvector 0.7.
--
-- reduced_digest is SHA-256 of the reduced vector that the original belongs to: an original counts
-- only as long as the application has not changed the row's vector.

DO $$
DECLARE
  reader record;
BEGIN
  IF to_regclass('vector_ferry.originals') IS NOT NULL THEN
    RETURN;
  END IF;
  CREATE TABLE vector_ferry.originals (
    store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
    document_id uuid NOT NULL,
    embedding pgvector.halfvec NOT NULL,
    reduced_digest bytea NOT NULL,
    PRIMARY KEY (store_id, document_id)
  );
  -- Roles that may read the models and all documents may read the originals, too; roles that
  -- also write documents may keep the originals of what they add; and roles that write models
  -- may write originals. Otherwise their searches, writes and runs would fail from now on.
  FOR reader IN
    SELECT a.grantee::regrole::text AS role,
           bool_or(a.privilege_type = 'DELETE') AS migrates,
           bool_or(has_table_privilege(a.grantee, d.documents, 'INSERT')) AS writes
    FROM pg_class c
    CROSS JOIN aclexplode(c.relacl) a
    CROSS JOIN (
      SELECT DISTINCT to_regclass(s.table_name) AS documents FROM vector_ferry.stores s) d
    WHERE c.oid = 'vector_ferry.projections'::regclass
      AND a.grantee NOT IN (0, c.relowner) AND d.documents IS NOT NULL
    GROUP BY a.grantee
    HAVING bool_or(a.privilege_type = 'SELECT')
      AND bool_and(has_table_privilege(a.grantee, d.documents, 'SELECT'))
  LOOP
    EXECUTE format('GRANT %s ON vector_ferry.originals TO %s',
      CASE WHEN reader.migrates THEN 'SELECT, INSERT, UPDATE, DELETE'
           WHEN reader.writes THEN 'SELECT, INSERT, UPDATE'
           ELSE 'SELECT' END,
      reader.role);
  END LOOP;
END
$$;
DO $$
BEGIN
  -- Where policies show each user only the user's own part of the ledger, the originals get such a
  -- policy, too.
  IF EXISTS (
    SELECT FROM pg_catalog.pg_policy p
    WHERE p.polrelid = 'vector_ferry.stores'::regclass AND p.polname = 'vector_ferry_own_rows')
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = 'vector_ferry.originals'::regclass)
  THEN
    ALTER TABLE vector_ferry.originals ENABLE ROW LEVEL SECURITY;
    CREATE POLICY vector_ferry_own_rows ON vector_ferry.originals
      USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
  END IF;
END
$$;

"""#
    )
  ]
}
