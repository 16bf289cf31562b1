-- What a run has measured as a whole: times of its stages, sizes, versions.

CREATE TABLE figures (
  run TEXT NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  value ANY NOT NULL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
