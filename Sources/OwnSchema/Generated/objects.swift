// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/objects; do not edit.
// swift-format-ignore-file

extension FerryFiles {
  package static let objects: [(name: String, text: String)] = [
    (
      "schema_migrations.sql",
#"""
-- The ledger of SQL migrations.

CREATE TABLE :ledger (
  set text NOT NULL,
  version text NOT NULL,
  description text NOT NULL,
  checksum text NOT NULL,
  accepted_checksum text,
  batch int NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration interval NOT NULL DEFAULT '0',
  state text NOT NULL CHECK (state IN ('applied', 'baseline', 'applying', 'reverting')),
  statements_done int NOT NULL,
  statements int NOT NULL,
  note text,
  up_sql text NOT NULL,
  down_sql text,
  in_doubt int,
  PRIMARY KEY (set, version)
);
COMMENT ON TABLE :ledger IS
  'The migrations that were applied, as vector-ferry schema records them.';

"""#
    ),
    (
      "vector_documents.sql",
#"""
-- The application's table of documents, with its indexes and its trigger.

CREATE TABLE :table (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant',
  text text NOT NULL,
  embedding pgvector.vector(:dimensions) NOT NULL,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
CREATE INDEX :user_collection_index ON :table (user_id, collection_name);
CREATE INDEX :metadata_index ON :table USING gin (metadata);

-- Keeps updated_at current whenever the application changes a row.
CREATE OR REPLACE FUNCTION :touch_function() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;
CREATE TRIGGER :touch_trigger BEFORE UPDATE ON :table
  FOR EACH ROW EXECUTE FUNCTION :touch_function();

"""#
    ),
    (
      "vector_ferry_setval.sql",
#"""
-- Replaces setval in the trial of a statement: records which sequence would be set to which
-- value, because no rollback would undo the real setval.

CREATE FUNCTION pg_temp.vector_ferry_setval (
  pg_catalog.regclass, pg_catalog.int8, pg_catalog.bool DEFAULT true)
RETURNS pg_catalog.int8 LANGUAGE sql STRICT VOLATILE AS $$
  SELECT CASE WHEN pg_catalog.set_config('vector_ferry.settings', pg_catalog.concat(
    pg_catalog.current_setting('vector_ferry.settings', true), $1::pg_catalog.oid, ' ', $2,
    ' ', $3::pg_catalog.text, ';'), true) IS NOT NULL THEN $2 END
$$;

"""#
    )
  ]
}
