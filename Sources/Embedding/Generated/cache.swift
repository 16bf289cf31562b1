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
-- What is being asked for at this moment, so that several runs keep to one limit.

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY,
  day TEXT NOT NULL,
  cost REAL NOT NULL
);

"""#
    ),
    (
      "spending.sql",
#"""
-- What was asked of services on each day.

CREATE TABLE spending (
  day TEXT PRIMARY KEY,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL
);

"""#
    )
  ]
}
