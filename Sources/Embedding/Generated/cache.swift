// Written by Scripts/embed-sets.py from Sources/Embedding/SQL/cache; do not edit.
// swift-format-ignore-file

extension CacheFiles {
  static let cache: [(name: String, text: String)] = [
    (
      "embeddings.sql",
#"""
-- The vectors that a service has made, by a digest of text and model.

CREATE TABLE embeddings (
  key BLOB PRIMARY KEY,
  vector BLOB NOT NULL,
  checksum BLOB NOT NULL
);

"""#
    ),
    (
      "reservations.sql",
#"""
-- The cost of requests that are being sent, so that several runs together keep to one limit.
-- A number is never used again: a run counts the reservations after the last one before it.

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day TEXT NOT NULL,
  cost REAL NOT NULL
);

"""#
    ),
    (
      "spending.sql",
#"""
-- The tokens and the cost of each day's requests.

CREATE TABLE spending (
  day TEXT PRIMARY KEY,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL
);

"""#
    )
  ]
}
