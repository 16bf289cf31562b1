-- Brings a file of version 1 to version 2, whose reservations never use a number again.

ALTER TABLE reservations RENAME TO old_reservations;
CREATE TABLE reservations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day TEXT NOT NULL,
  cost REAL NOT NULL
);
INSERT INTO reservations SELECT id, day, cost FROM old_reservations;
DROP TABLE old_reservations;
