// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/trusted_roles.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of trusted_roles.sql.
enum TrustedRolesQueries {
  /// Collects the roles whose objects a session may run and write; placed after WITH RECURSIVE.
  static func tables(table: String?) -> SQL {
#"""
own (oid) AS (
  SELECT r.oid FROM pg_roles r WHERE r.rolname IN (current_user, session_user)
), above (oid) AS (
  SELECT oid FROM own
  UNION
  SELECT m.roleid FROM pg_auth_members m JOIN above a ON a.oid = m.member
  WHERE current_setting('server_version_num')::int >= 160000
    OR m.grantor <> m.roleid AND NOT EXISTS (
      SELECT FROM pg_auth_members g
      WHERE g.roleid = m.roleid AND g.member = m.grantor AND g.grantor = m.roleid)
), able (oid) AS (
  SELECT r.oid FROM pg_roles r WHERE r.rolsuper
  UNION SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()
  UNION SELECT c.relowner FROM pg_class c WHERE c.oid = to_regclass(\#(table))
  UNION SELECT oid FROM own
), acting (oid) AS (
  SELECT oid FROM able
  UNION
  SELECT m.member FROM pg_auth_members m JOIN acting a ON a.oid = m.roleid
), trusted (oid) AS (
  SELECT oid FROM above
  UNION SELECT oid FROM acting
  UNION SELECT r.oid FROM pg_roles r WHERE r.rolname = 'pg_database_owner'
)
"""#
  }
}
