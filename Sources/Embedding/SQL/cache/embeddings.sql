-- The vectors that a service has made, by a digest of text and model.

CREATE TABLE embeddings (
  key BLOB PRIMARY KEY,
  vector BLOB NOT NULL,
  checksum BLOB NOT NULL
);
