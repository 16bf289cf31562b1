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
    let may: Bool? = try connection.scalar(ServerFactsQueries.mayCreateVector)
    return may ?? false
  }

  /// The remedy for a role that may not create the extension.
  package var vectorRemedy: String {
    "let a superuser run in database \(database): CREATE EXTENSION vector"
  }
}
