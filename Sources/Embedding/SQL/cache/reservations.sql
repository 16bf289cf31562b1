-- The cost of requests that are being sent, so that several runs together keep to one limit.

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY,
  day TEXT NOT NULL,
  cost REAL NOT NULL
);
