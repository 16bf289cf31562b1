-- The events of runs, each with the store that it concerns.

CREATE TABLE events (
  number INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id),
  user_id TEXT,
  collection TEXT,
  at INTEGER NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX events_run ON events (run);
