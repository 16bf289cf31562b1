-- What a run has measured of each store, and the remedy where the store failed.

CREATE TABLE results (
  run TEXT NOT NULL REFERENCES runs (id),
  user_id TEXT NOT NULL,
  collection TEXT NOT NULL,
  remedy TEXT,
  format TEXT,
  bytes INTEGER,
  stored_dimensions INTEGER,
  milliseconds INTEGER,
  recall REAL,
  neighbours INTEGER,
  queries INTEGER,
  score_change REAL,
  cut_recall REAL,
  added_recall REAL,
  doubled_recall REAL,
  ranked_recall REAL,
  keeps_originals INTEGER,
  PRIMARY KEY (run, user_id, collection)
) STRICT, WITHOUT ROWID;
