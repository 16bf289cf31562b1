-- The tokens and the cost of each day's requests.

CREATE TABLE spending (
  day TEXT PRIMARY KEY,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL
);
