internal import SQLText
internal import OwnSchema
package import Postgres

/// The part of VectorFerry's own schema in a database that another version of the program has made.
package enum OutdatedInstallation: Sendable, Equatable {
  /// The schema has an earlier version than this program's.
  case version(Int)
  /// The schema has this program's version, but some of its functions differ.
  case functions
}

extension MigrationSet {
  /// Finds what this program would update in VectorFerry's own schema; nil where there is nothing
  /// to update, or where no migration of this set installs the schema.
  ///
  /// The schema's functions belong to the program, not to a migration's file: the migration that
  /// has installed them stays applied. Where the role may not replace the functions, they stay as
  /// they are.
  package func outdatedInstallation(on connection: Connection) throws -> OutdatedInstallation? {
    let installs = migrations.contains { $0.up.statements.contains { $0.part == .ferrySchema } }
    guard installs else { return nil }
    let version = try FerrySchema.installedVersion(on: connection)
    if (1..<FerrySchema.currentVersion).contains(version) { return .version(version) }
    guard version == FerrySchema.currentVersion else { return nil }
    return try FerrySchema.canRenewFunctions(on: connection) ? .functions : nil
  }
}
