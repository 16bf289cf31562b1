// Written by Scripts/embed-sets.py from Sources/Schema/SQL/migration_ledger.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of migration_ledger.sql.
enum MigrationLedgerQueries {
  /// Reads the columns of the table of migrations.
  static func columns(ledger: String) -> SQL {
#"""
SELECT a.attname::text, t.typname::text
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(\#(ledger)) AND a.attnum > 0
  AND NOT a.attisdropped
"""#
  }

  /// Reads the rows of the ledger that fulfil a condition.
  static func rows(ledger: QualifiedName, doubt: SQL, condition: SQL) -> SQL {
#"""
SELECT version, description, checksum, accepted_checksum, batch, applied_at,
       extract(epoch FROM duration)::float8, state, statements_done, statements, note,
       up_sql, down_sql, \#(doubt)
FROM \#(ledger) WHERE \#(condition)
"""#
  }

  /// Reads the kind and the owner of the table of migrations, and finds a trigger on the table.
  static func owner(ledger: String, trusted: SQL) -> SQL {
#"""
WITH RECURSIVE \#(trusted), triggers AS (
  SELECT format('%I, which calls %s of role %s', g.tgname, p.oid::regprocedure,
                pg_get_userbyid(p.proowner)) AS words,
         p.proowner IN (SELECT oid FROM trusted) AS is_trusted
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
  WHERE g.tgrelid = to_regclass(\#(ledger)) AND NOT g.tgisinternal
)
SELECT c.relkind::text, c.relpersistence::text, pg_get_userbyid(c.relowner)::text,
       c.relowner IN (SELECT oid FROM trusted), (SELECT min(words) FROM triggers),
       (SELECT min(words) FROM triggers WHERE NOT is_trusted)
FROM pg_class c WHERE c.oid = to_regclass(\#(ledger))
"""#
  }

  /// Records the progress of a migration: in the migration's row, or in a new row where it has none.
  static func record(
    ledger: QualifiedName,
    set: String,
    version: String,
    title: String,
    checksum: String,
    batch: Int,
    seconds: Double,
    state: String,
    done: Int,
    statements: Int,
    note: String?,
    up: String,
    down: String?,
    isApplying: Bool,
    row: SQL
  ) -> SQL {
#"""
WITH known AS (
  UPDATE \#(ledger) AS m SET
    version = \#(version), description = \#(title),
    checksum = \#(checksum), accepted_checksum = NULL,
    applied_at = clock_timestamp(), duration = m.duration + make_interval(secs => \#(seconds)),
    state = \#(state), statements_done = \#(done)::int,
    statements = \#(statements)::int, note = coalesce(\#(note), m.note),
    up_sql = \#(up), down_sql = \#(down),
    in_doubt = CASE WHEN \#(isApplying) THEN m.in_doubt END
  WHERE \#(row) RETURNING 1)
INSERT INTO \#(ledger)
  (set, version, description, checksum, batch, applied_at, duration, state,
   statements_done, statements, note, up_sql, down_sql)
SELECT \#(set), \#(version), \#(title),
       \#(checksum), \#(batch)::int, clock_timestamp(),
       make_interval(secs => \#(seconds)), \#(state), \#(done)::int,
       \#(statements)::int, \#(note), \#(up), \#(down)
WHERE NOT EXISTS (SELECT FROM known)
"""#
  }

  /// Records that a migration is being reverted.
  static func beginReverting(ledger: QualifiedName, statements: Int, row: SQL) -> SQL {
#"""
UPDATE \#(ledger)
SET state = 'reverting', statements_done = 0, statements = \#(statements)::int,
    in_doubt = NULL
WHERE \#(row)
"""#
  }

  /// Records that the changed file of a migration was accepted.
  static func accept(ledger: QualifiedName, checksum: String, row: SQL) -> SQL {
#"""
UPDATE \#(ledger)
SET accepted_checksum = \#(checksum),
    note = concat_ws('; ', note, 'changed file accepted by --force at '
      || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC: '
      || \#(checksum))
WHERE \#(row)
"""#
  }

  /// Finds the ledgers of this program: permanent tables of trusted roles that have its columns.
  static func ledgers(trusted: SQL) -> SQL {
#"""
WITH RECURSIVE \#(trusted)
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.relowner IN (SELECT oid FROM trusted)
  AND (SELECT count(*) FROM pg_attribute a
       WHERE a.attrelid = c.oid AND NOT a.attisdropped
         AND a.attname IN ('set', 'version', 'checksum', 'batch', 'state', 'statements_done',
                           'up_sql', 'accepted_checksum')) = 8
ORDER BY 1, 2
"""#
  }
}
