// Written by Scripts/embed-sets.py from Sources/Doctor/SQL/examination.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of examination.sql.
enum ExaminationQueries {
  /// Finds the rights to the ledger's tables that the role does not have.
  static let missingLedgerRights: SQL = #"""
SELECT r.right_name, string_agg(c.relname::text, ', ' ORDER BY c.relname)
FROM pg_class c
JOIN (VALUES ('version', 'SELECT'), ('runs', 'SELECT'), ('runs', 'INSERT'),
             ('runs', 'UPDATE'), ('stores', 'SELECT'), ('stores', 'INSERT'),
             ('stores', 'DELETE'), ('documents', 'SELECT'), ('documents', 'INSERT'),
             ('documents', 'DELETE')) r (relation, right_name)
  ON r.relation = c.relname
WHERE c.relnamespace = to_regnamespace('vector_ferry') AND c.relkind = 'r'
  AND NOT has_table_privilege(c.oid, r.right_name)
GROUP BY 1 ORDER BY 1
"""#

  /// Lists the runs of the last 30 days that have not recorded their end, and whether their sessions
  /// still exist.
  static func unfinishedRuns(startedAt: SQL, title: String) -> SQL {
#"""
SELECT r.id::text, r.host, r.pid,
       \#(startedAt),
       EXISTS (SELECT FROM pg_stat_activity a
               WHERE a.application_name = \#(title) || r.id::text)
FROM vector_ferry.runs r
WHERE r.finished_at IS NULL AND r.started_at > now() - interval '30 days'
ORDER BY r.started_at DESC
"""#
  }

  /// Lists the sessions that wait for a lock on a table, and those that hold a lock with which no
  /// other session can write to the table.
  static func locks(table: String) -> SQL {
#"""
SELECT l.pid, l.mode, l.granted, coalesce(a.application_name, ''), coalesce(a.state, 'state not visible'),
       extract(epoch FROM now() - a.xact_start)::int8,
       array_to_string(pg_blocking_pids(l.pid), ', ')
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.relation = to_regclass(\#(table)) AND l.pid <> pg_backend_pid()
  AND (NOT l.granted OR l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                   'AccessExclusiveLock'))
ORDER BY l.granted DESC, l.pid
"""#
  }

  /// Lists the other sessions of the database whose transactions are older than some seconds.
  static func longTransactions(seconds: Double) -> SQL {
#"""
SELECT pid, coalesce(application_name, ''), coalesce(state, 'state not visible'),
       extract(epoch FROM now() - xact_start)::int8
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND xact_start < now() - make_interval(secs => \#(seconds))
ORDER BY xact_start
"""#
  }

  /// Counts the further sessions that the server, the database and the role allow.
  static let freeConnections: SQL = #"""
SELECT least(
  current_setting('max_connections')::int8
    - current_setting('superuser_reserved_connections')::int8
    -- From PostgreSQL 16 on.
    - coalesce(current_setting('reserved_connections', true), '0')::int8
    - (SELECT sum(numbackends) FROM pg_stat_database),
  (SELECT CASE WHEN datconnlimit >= 0 THEN datconnlimit - s.numbackends + 1 END
   FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
   WHERE d.datname = current_database()),
  (SELECT CASE WHEN rolconnlimit >= 0 AND NOT rolsuper THEN rolconnlimit - (
     SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid) + 1 END
   FROM pg_roles r WHERE rolname = current_user))::int8
"""#

  /// Reads the timeouts that are set.
  static let timeouts: SQL = #"""
SELECT name::text, setting::text || coalesce(unit, '') FROM pg_settings
WHERE name IN ('statement_timeout', 'transaction_timeout',
               'idle_in_transaction_session_timeout')
  AND setting <> '0'
ORDER BY name
"""#

  /// Reads the server's data directory, and the folder of the tablespace where the table is or will
  /// be.
  static func folders(table: String?) -> SQL {
#"""
SELECT CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
       THEN current_setting('data_directory') END,
  nullif(pg_tablespace_location(coalesce(
    nullif((SELECT reltablespace FROM pg_class WHERE oid = to_regclass(\#(table))), 0),
    (SELECT oid FROM pg_tablespace
     WHERE spcname = nullif(current_setting('default_tablespace'), '')),
    (SELECT dattablespace FROM pg_database WHERE datname = current_database()))), '')
"""#
  }
}
