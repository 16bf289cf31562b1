internal import SQLText
internal import OwnSchema
package import Postgres

/// What an earlier program, or another one, has made of VectorFerry's own schema.
package enum OutdatedInstallation: Sendable, Equatable {
  /// It has an earlier version.
  case version(Int)
  /// It has the current version, with functions that are not this program's.
  case functions
}

extension MigrationSet {
  /// What is to be brought up of VectorFerry's own schema, where one of these migrations brings that
  /// schema and it is there; nil where nothing is.
  ///
  /// Its functions belong to the program, not to a file: the migration that once installed them
  /// stays applied. A role that may not replace them goes on with those that are there.
  package func outdatedInstallation(on connection: Connection) throws -> OutdatedInstallation? {
    let installs = migrations.contains { $0.up.statements.contains { $0.part == .ferrySchema } }
    guard installs else { return nil }
    let version = try FerrySchema.installedVersion(on: connection)
    if (1..<FerrySchema.currentVersion).contains(version) { return .version(version) }
    guard version == FerrySchema.currentVersion else { return nil }
    return try FerrySchema.canRenewFunctions(on: connection) ? .functions : nil
  }
}
