// Written by Scripts/embed-sets.py from Sources/Journal/SQL/tables; do not edit.
// swift-format-ignore-file

extension JournalFiles {
  static let tables: [(name: String, text: String)] = [
    (
      "events.sql",
#"""
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

"""#
    ),
    (
      "figures.sql",
#"""
-- What a run has measured as a whole: times of its stages, sizes, versions.

CREATE TABLE figures (
  run TEXT NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  value ANY NOT NULL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

"""#
    ),
    (
      "results.sql",
#"""
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

"""#
    ),
    (
      "runs.sql",
#"""
-- One row for each run of a command.

CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  mode TEXT NOT NULL,
  version TEXT NOT NULL,
  options TEXT NOT NULL,
  database TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  exit_status INTEGER,
  identity TEXT,
  table_name TEXT,
  takes_back TEXT
) STRICT;

"""#
    ),
    (
      "stages.sql",
#"""
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

"""#
    ),
    (
      "stores.sql",
#"""
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

"""#
    )
  ]
}
