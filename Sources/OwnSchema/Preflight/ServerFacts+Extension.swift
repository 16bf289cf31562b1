internal import Postgres

extension ServerFacts {
  /// Returns true where the session's role may run CREATE EXTENSION vector.
  ///
  /// PostgreSQL requires a superuser, unless the extension's control file says that it is trusted
  /// or needs no superuser: then it requires CREATE on the database. Some providers also let their
  /// own administrator roles create extensions.
  static func mayCreateVector(on connection: Connection) throws(PostgresError) -> Bool {
    // The column `trusted` exists since PostgreSQL 13; older servers are refused anyway.
    guard connection.serverVersion >= 130_000 else { return false }
    let may: Bool? = try connection.scalar(
      """
      SELECT r.rolsuper OR EXISTS (
          SELECT FROM pg_available_extension_versions v JOIN pg_available_extensions a
            ON a.name = v.name AND a.default_version = v.version
          WHERE v.name = 'vector' AND (v.trusted OR NOT v.superuser)
            AND has_database_privilege(current_database(), 'CREATE'))
        OR EXISTS (
          SELECT FROM pg_roles p
          WHERE p.rolname IN ('rds_superuser', 'cloudsqlsuperuser', 'alloydbsuperuser',
                              'azure_pg_admin', 'neon_superuser')
            AND pg_has_role(p.oid, 'USAGE'))
        OR coalesce(current_setting('supautils.privileged_extensions', true), '') LIKE '%vector%'
      FROM pg_roles r WHERE r.rolname = current_user
      """)
    return may ?? false
  }

  /// The remedy where the role may not create the extension.
  package var vectorRemedy: String {
    "let a superuser run in database \(database): CREATE EXTENSION vector"
  }
}
