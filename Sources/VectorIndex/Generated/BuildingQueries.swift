// Written by Scripts/embed-sets.py from Sources/VectorIndex/SQL/building.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of building.sql.
enum BuildingQueries {
  /// Sets memory, workers and timeouts of a session that builds an index.
  static func settings(memory: Literal, workers: Int) -> SQL {
#"""
SET maintenance_work_mem = \#(memory);
SET max_parallel_maintenance_workers = \#(number: workers);
SET min_parallel_table_scan_size = 0;
SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_min_messages = notice;
SET application_name = 'vector-ferry index';
"""#
  }

  /// Finds the session that holds an advisory lock; the server shows the lock's key in two halves.
  static func lockHolder(upperHalf: Int, lowerHalf: Int) -> SQL {
#"""
SELECT pid::int8 FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = \#(upperHalf) AND objid::bigint = \#(lowerHalf)
"""#
  }

  /// Reads what the server offers for building an index: memory, workers, and the places of its files.
  static let resources: SQL = #"""
SELECT pg_size_bytes(current_setting('maintenance_work_mem')),
       pg_size_bytes(current_setting('effective_cache_size')),
       current_setting('max_parallel_maintenance_workers')::int8,
       least(current_setting('max_parallel_workers')::int8,
             current_setting('max_worker_processes')::int8),
       current_setting('dynamic_shared_memory_type') = 'posix',
       CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
            THEN current_setting('data_directory') END,
       -- A new index goes to the default tablespace, whatever the table's own is.
       t.spcname::text, nullif(pg_tablespace_location(t.oid), '')
FROM pg_database d JOIN pg_tablespace t ON t.oid = coalesce(
  (SELECT s.oid FROM pg_tablespace s WHERE s.spcname = current_setting('default_tablespace')),
  d.dattablespace)
WHERE d.datname = current_database()
"""#

  /// Reads the progress of an index build, and the session that the build waits for.
  static func progress(process: Int) -> SQL {
#"""
SELECT coalesce(p.phase, 'waiting for the table'), coalesce(p.blocks_total, 0),
       coalesce(p.blocks_done, 0), coalesce(p.tuples_total, 0), coalesce(p.tuples_done, 0),
       coalesce(p.lockers_total, 0), coalesce(p.lockers_done, 0),
       coalesce(nullif(p.current_locker_pid, 0)::int8, b.blocking[1]::int8)
FROM (SELECT \#(process)::int AS pid, pg_blocking_pids(\#(process)::int) AS blocking) b
LEFT JOIN pg_stat_progress_create_index p ON p.pid = b.pid
WHERE p.pid IS NOT NULL OR cardinality(b.blocking) > 0
"""#
  }
}
