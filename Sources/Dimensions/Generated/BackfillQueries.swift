// Written by Scripts/embed-sets.py from Sources/Dimensions/SQL/backfill.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of backfill.sql.
enum BackfillQueries {
  /// Makes the tables for the keys and the vectors of a batch of rows.
  static func makeTables(keyType: SQL, vector: QualifiedName) -> SQL {
#"""
DROP TABLE IF EXISTS pg_temp.vector_ferry_picked, pg_temp.vector_ferry_made;
CREATE TEMPORARY TABLE vector_ferry_picked (key \#(keyType) PRIMARY KEY)
  ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE vector_ferry_made (number int8, embedding \#(vector))
  ON COMMIT DELETE ROWS;
"""#
  }

  /// Writes the vectors of a batch into the batch's rows, in the order of the rows' keys.
  static func fill(table: SQL, target: Identifier, key: Identifier) -> SQL {
#"""
UPDATE \#(table) t SET \#(target) = m.embedding
FROM (SELECT key, pg_catalog.row_number() OVER (ORDER BY key) AS number
      FROM pg_temp.vector_ferry_picked) p
JOIN pg_temp.vector_ferry_made m ON m.number OPERATOR(pg_catalog.=) p.number
WHERE t.\#(key) OPERATOR(pg_catalog.=) p.key
"""#
  }

  /// Makes the tables for the keys of a batch of rows, and for the vectors that were made from the
  /// rows' texts.
  static func makeTextTables(keyType: SQL, vector: QualifiedName) -> SQL {
#"""
DROP TABLE IF EXISTS pg_temp.vector_ferry_picked, pg_temp.vector_ferry_embedded;
CREATE TEMPORARY TABLE vector_ferry_picked (key \#(keyType) PRIMARY KEY)
  ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE vector_ferry_embedded (
  key \#(keyType) PRIMARY KEY, digest bytea, embedding \#(vector)) ON COMMIT DELETE ROWS;
"""#
  }

  /// Tries for some time to lock the table against every other session, and gives up where a
  /// session that uses the table waits for a lock; the setting vector_ferry.raised is yes where the
  /// table was locked.
  static func raiseLock(milliseconds: Int, holders: SQL, table: SQL, withoutWaiting: SQL) -> SQL {
#"""
DECLARE
  last timestamptz := clock_timestamp() + \#(number: milliseconds) * interval '1 ms';
BEGIN
  LOOP
    IF NOT EXISTS (SELECT \#(holders)) THEN
      BEGIN
        LOCK TABLE \#(table) IN ACCESS EXCLUSIVE MODE \#(withoutWaiting);
        PERFORM set_config('vector_ferry.raised', 'yes', true);
        RETURN;
      EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        NULL;
      END;
    ELSIF EXISTS (
      SELECT \#(holders) AND EXISTS (
        SELECT FROM pg_locks w WHERE w.pid = h.pid AND NOT w.granted))
    THEN
      RETURN;
    END IF;
    EXIT WHEN clock_timestamp() > last;
    PERFORM pg_sleep(0.001);
  END LOOP;
END
"""#
  }
}
