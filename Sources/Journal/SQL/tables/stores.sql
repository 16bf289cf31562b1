-- The outcome of each store in a run; `change` counts every change of a store's row, so that the
-- latest row is found without a clock.

CREATE TABLE stores (
  run TEXT NOT NULL REFERENCES runs (id),
  user_id TEXT NOT NULL,
  collection TEXT NOT NULL,
  change INTEGER NOT NULL UNIQUE,
  path TEXT NOT NULL,
  stage TEXT,
  outcome TEXT NOT NULL,
  reason TEXT,
  documents INTEGER,
  vectors INTEGER,
  dimensions INTEGER,
  source_digest TEXT,
  backup_path TEXT,
  started_at INTEGER,
  finished_at INTEGER,
  PRIMARY KEY (run, user_id, collection)
) STRICT, WITHOUT ROWID;
CREATE INDEX stores_latest ON stores (user_id, collection, change);
