// Written by Scripts/embed-sets.py from Sources/Postgres/SQL/session.sql; do not edit.
// swift-format-ignore-file

/// The SQL of session.sql.
enum SessionQueries {
  /// Reads the search path and how names are quoted, and sets both for this program until the
  /// transaction ends.
  static func setOwnPath(path: Literal) -> SQL {
#"""
SELECT pg_catalog.current_setting('search_path'),
       pg_catalog.current_setting('quote_all_identifiers'),
       pg_catalog.set_config('search_path', \#(path), true),
       pg_catalog.set_config('quote_all_identifiers', 'off', true)
"""#
  }

  /// Reads the search path, how names are quoted, and whether a table without a schema would be
  /// temporary.
  static let operatorsPath: SQL = #"""
SELECT pg_catalog.current_setting('search_path'),
       pg_catalog.current_setting('quote_all_identifiers'),
       coalesce(pg_catalog.starts_with(
         pg_catalog.current_schema()::pg_catalog.text, 'pg_temp'::pg_catalog.text), false)
"""#

  /// Sets the settings that the server knows and that nobody has set; sets nothing where the session
  /// has another process number.
  static func setUnlessGiven(settings: SQL, process: Int) -> SQL {
#"""
SELECT pg_catalog.set_config(s.name, w.value, false)
FROM pg_catalog.pg_settings s JOIN (VALUES \#(settings)) w(name, value)
  ON w.name OPERATOR(pg_catalog.=) s.name
WHERE s.source OPERATOR(pg_catalog.=) 'default'
  AND pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) \#(process)
"""#
  }

  /// Finds the lock that a session waits for, and the sessions that hold this lock: one row for each
  /// holder, one row without a holder where there is none, and no row where the process belongs to
  /// another session.
  static func holders(columns: SQL, process: Int, application: Literal) -> SQL {
#"""
SELECT w.locktype,
       CASE WHEN w.relation IS NOT NULL THEN w.relation::regclass::text ELSE coalesce((
         SELECT t.relation::regclass::text FROM pg_locks t
         WHERE t.pid = me.pid AND t.locktype = 'tuple' AND t.granted LIMIT 1), '') END,
       b.pid, \#(columns)
FROM pg_stat_activity me
LEFT JOIN LATERAL (
  SELECT l.locktype, l.relation FROM pg_locks l
  WHERE l.pid = me.pid AND NOT l.granted LIMIT 1) w ON true
LEFT JOIN LATERAL (
  SELECT DISTINCT u.pid FROM unnest(pg_blocking_pids(me.pid)) u (pid)) b
  ON w.locktype IS NOT NULL
LEFT JOIN pg_stat_activity a ON a.pid = b.pid
WHERE me.pid = \#(number: process) AND me.usename = session_user
  AND me.datname = current_database() AND me.application_name = \#(application)
ORDER BY a.xact_start, b.pid
"""#
  }
}
