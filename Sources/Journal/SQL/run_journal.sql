-- Creates the view that reads files of every version in the same form; `added` are the columns that
-- the first version does not have.
-- script knownRuns(added: String)
PRAGMA temp_store = MEMORY;
CREATE TEMP VIEW known_runs AS
SELECT number, id, mode, version, options, database, host, pid, process_start, started_at,
  finished_at, exit_status, :added
FROM main.runs;

-- Reads what runs have recorded about stores; the queries that contain this part choose the
-- stores.
-- part stores
SELECT s.run, s.user_id, s.collection, s.path, s.stage, s.outcome, s.reason, s.documents,
  s.vectors, s.dimensions, s.source_digest, s.backup_path, s.started_at, s.finished_at,
  s.change
FROM stores s

-- Reads the latest record of each store in some runs; a record of a skipped store counts only where
-- the store has no other record.
-- query latestOfRuns(stores: String, runs: String)
:stores JOIN (
  SELECT t.change, row_number() OVER (
    PARTITION BY t.user_id, t.collection ORDER BY t.outcome = 'skipped', t.change DESC
  ) AS place
  FROM stores t WHERE t.run IN (:runs)
) ranked ON ranked.change = s.change AND ranked.place = 1;

-- Reads the latest record of each store in runs of a mode (?1), of a database by its words (?2)
-- or identities (?4), and of a table (?3).
-- query latestOfMode(stores: String)
:stores JOIN (
  SELECT t.change, row_number() OVER (
    PARTITION BY t.user_id, t.collection ORDER BY t.outcome = 'skipped', t.change DESC
  ) AS place
  FROM stores t JOIN known_runs r ON r.id = t.run
  WHERE r.mode = ?1
    AND CASE WHEN ?4 IS NOT NULL AND r.identity IS NOT NULL
      THEN instr(?4, ' ' || r.identity || ' ') > 0
      ELSE ?2 IS NULL OR r.database = ?2 OR instr(r.database, ?2 || ' (from ') = 1 END
    AND (?3 IS NULL OR instr(' ' || r.options || ' ', ' --table ' || ?3 || ' ') > 0)
) ranked ON ranked.change = s.change AND ranked.place = 1
ORDER BY s.user_id, s.collection;

-- Records the beginning of a run.
-- query beginRun
INSERT INTO runs
  (id, mode, version, options, database, host, pid, process_start, started_at, identity,
   table_name, takes_back)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);

-- Records the state of a store (?2, ?3) in a run (?1). Where a stage or a fact is null, the earlier
-- value stays; where the beginning has a time already, that time stays.
-- query noteStore
UPDATE stores SET
  outcome = ?4, reason = ?5, stage = coalesce(?6, stage),
  documents = coalesce(?7, documents), vectors = coalesce(?8, vectors),
  dimensions = coalesce(?9, dimensions), source_digest = coalesce(?10, source_digest),
  backup_path = coalesce(?11, backup_path), started_at = coalesce(started_at, ?12),
  finished_at = ?13, change = (SELECT max(change) + 1 FROM stores)
WHERE run = ?1 AND user_id = ?2 AND collection = ?3;

-- Records what a run has measured of a store (?2, ?3); a later record takes the place of an earlier
-- one.
-- query noteResult
INSERT OR REPLACE INTO results
  (run, user_id, collection, remedy, format, bytes, stored_dimensions, milliseconds, recall,
   neighbours, queries, score_change, cut_recall, added_recall, doubled_recall, ranked_recall,
   keeps_originals)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17);

-- Reads what a run has measured of its stores.
-- query results
SELECT user_id, collection, remedy, format, bytes, stored_dimensions, milliseconds, recall,
  neighbours, queries, score_change, cut_recall, added_recall, doubled_recall, ranked_recall,
  keeps_originals
FROM results WHERE run = ?1;

-- Reads when the stores of a run were in a stage (?2), with the number of their documents.
-- query stageSpans
SELECT g.user_id, g.collection, g.started_at, g.milliseconds, s.documents, s.outcome
FROM stages g
JOIN stores s ON s.run = g.run AND s.user_id = g.user_id AND s.collection = g.collection
WHERE g.run = ?1 AND g.stage = ?2 ORDER BY g.number;
