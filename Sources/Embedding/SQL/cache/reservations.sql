-- What is being asked for at this moment, so that several runs keep to one limit.

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY,
  day TEXT NOT NULL,
  cost REAL NOT NULL
);
