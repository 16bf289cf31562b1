-- What was asked of services on each day.

CREATE TABLE spending (
  day TEXT PRIMARY KEY,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL
);
