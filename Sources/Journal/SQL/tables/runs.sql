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
