public import Postgres

extension MigrationSet {
  /// The version of VectorFerry's own schema, where one of these migrations brings that schema and
  /// an earlier program has made what is there; nil where there is nothing to bring up.
  ///
  /// Its functions belong to the program, not to a file: the migration that once installed them
  /// stays applied.
  public func outdatedInstallation(on connection: Connection) throws(PostgresError) -> Int? {
    let installs = migrations.contains { $0.up.statements.contains { $0.part == .ferrySchema } }
    guard installs else { return nil }
    let version = try FerrySchema.installedVersion(on: connection)
    return (1..<FerrySchema.currentVersion).contains(version) ? version : nil
  }
}
