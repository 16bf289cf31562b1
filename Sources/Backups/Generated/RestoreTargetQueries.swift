// Written by Scripts/embed-sets.py from Sources/Backups/SQL/restore_target.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of restore_target.sql.
enum RestoreTargetQueries {
  /// Reads the names of at most five tables of the database, and the number of all its tables. `own`
  /// selects the database's schemas, and `isFree` is true for an object `c` that belongs to no
  /// extension and to no other object.
  static func tables(own: SQL, isFree: SQL) -> SQL {
#"""
SELECT n.nspname || '.' || c.relname, count(*) OVER ()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'm') AND n.oid IN \#(own) AND \#(isFree)
ORDER BY 1 LIMIT 5
"""#
  }

  /// Counts the other objects of the database: views, sequences, functions, types, schemas and
  /// large objects.
  static func otherObjects(own: SQL, isFree: SQL) -> SQL {
#"""
SELECT (SELECT count(*) FROM pg_class c WHERE c.relkind IN ('v', 'S') AND
          c.relnamespace IN \#(own) AND \#(isFree))
  + (SELECT count(*) FROM pg_proc c WHERE c.pronamespace IN \#(own) AND \#(isFree))
  + (SELECT count(*) FROM pg_type c WHERE c.typtype IN ('e', 'd', 'r') AND
       c.typnamespace IN \#(own) AND \#(isFree))
  + (SELECT count(*) FROM pg_namespace c WHERE c.oid IN \#(own)
       AND c.nspname <> 'public' AND \#(isFree))
  + (SELECT count(*) FROM pg_largeobject_metadata)
"""#
  }

  /// Reads the tablespace of a database, where it is not that of new databases, and whether the role
  /// may create objects there.
  static func tablespace(database: String) -> SQL {
#"""
SELECT t.spcname::text, has_tablespace_privilege(t.oid, 'CREATE')
FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
WHERE d.datname = \#(database)
  AND d.dattablespace <> (SELECT dattablespace FROM pg_database WHERE datname = 'template0')
"""#
  }

  /// Names at most five client sessions that are in a database.
  static func sessions(database: String) -> SQL {
#"""
SELECT coalesce(nullif(application_name, ''), 'a session') || ' of '
  || coalesce(usename::text, 'a role') || ' (server process ' || pid || ')'
FROM pg_stat_activity
WHERE datname = \#(database) AND coalesce(backend_type, 'client backend') = 'client backend'
ORDER BY pid LIMIT 5
"""#
  }
}
