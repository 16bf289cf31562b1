-- The duration of each stage of a store.

CREATE TABLE stages (
  number INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id),
  user_id TEXT NOT NULL,
  collection TEXT NOT NULL,
  stage TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  started_ticks INTEGER NOT NULL,
  milliseconds INTEGER
) STRICT;
CREATE INDEX stages_store ON stages (run, user_id, collection);
