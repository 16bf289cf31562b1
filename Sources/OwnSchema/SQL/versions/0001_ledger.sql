-- What was written, for whom, and from what.
--
-- A store is one row of "stores"; its documents are listed with the fingerprint of what was
-- written, so that a later run can tell its own untouched rows from everybody else's.

CREATE SCHEMA IF NOT EXISTS vector_ferry;

CREATE TABLE vector_ferry.version (
  number int PRIMARY KEY,
  installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vector_ferry.runs (
  id uuid PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  host text NOT NULL,
  pid int NOT NULL,
  program_version text NOT NULL
);

CREATE TABLE vector_ferry.stores (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name text NOT NULL,
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  source_path text NOT NULL,
  source_digest bytea NOT NULL,
  settings text NOT NULL,
  documents bigint NOT NULL,
  source_dimensions int NOT NULL,
  dimensions int NOT NULL,
  content_digest bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('migrated')),
  migrated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, collection_name, table_name)
);

CREATE TABLE vector_ferry.documents (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  position bigint NOT NULL,
  fingerprint bytea NOT NULL,
  has_timestamp boolean NOT NULL,
  PRIMARY KEY (store_id, document_id)
);

CREATE TABLE vector_ferry.projections (
  store_id bigint PRIMARY KEY REFERENCES vector_ferry.stores ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('uncentered', 'centered', 'truncated')),
  source_dimensions int NOT NULL,
  dimensions int NOT NULL,
  rank int NOT NULL,
  fitted_rows bigint NOT NULL,
  total_energy float8 NOT NULL,
  is_exact boolean NOT NULL,
  query_slot int,
  document_slot int,
  mean pgvector.vector,
  recall float8 NOT NULL,
  score_change float8 NOT NULL,
  queries int NOT NULL
);

CREATE TABLE vector_ferry.projection_components (
  store_id bigint NOT NULL REFERENCES vector_ferry.projections ON DELETE CASCADE,
  number int NOT NULL,
  energy float8 NOT NULL,
  component pgvector.vector NOT NULL,
  PRIMARY KEY (store_id, number)
);
