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
