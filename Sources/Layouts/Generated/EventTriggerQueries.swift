// Written by Scripts/embed-sets.py from Sources/Layouts/SQL/event_trigger.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of event_trigger.sql.
enum EventTriggerQueries {
  /// Lists the enabled event triggers, their functions, and whether a function fixes its search
  /// path.
  static let enabled: SQL = #"""
SELECT e.evtname || ' (' || e.evtevent || ')', p.oid::regprocedure::text,
       l.lanname IN ('c', 'internal')
         OR EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search\_path=%')
FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
JOIN pg_language l ON l.oid = p.prolang
WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN
  ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
ORDER BY e.evtname
"""#
}
