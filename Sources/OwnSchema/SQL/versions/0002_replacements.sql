-- What a store replaced: enough to know the state before it, and the backup that holds it.

CREATE TABLE vector_ferry.replacements (
  store_id bigint PRIMARY KEY REFERENCES vector_ferry.stores ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  source_digest bytea NOT NULL,
  settings text NOT NULL,
  documents bigint NOT NULL
);
