-- Lists the enabled event triggers, their functions, and whether a function fixes its search
-- path.
-- query enabled
SELECT e.evtname || ' (' || e.evtevent || ')', p.oid::regprocedure::text,
       l.lanname IN ('c', 'internal')
         OR EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search\_path=%')
FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
JOIN pg_language l ON l.oid = p.prolang
WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN
  ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
ORDER BY e.evtname;
