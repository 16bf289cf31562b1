-- The cost of requests that are being sent, so that several runs together keep to one limit.
-- A number is never used again: a run counts the reservations after the last one before it.

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day TEXT NOT NULL,
  cost REAL NOT NULL
);
