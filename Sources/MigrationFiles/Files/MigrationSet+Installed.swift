internal import SQLText
internal import OwnSchema
package import Postgres

/// The parts of VectorFerry's own schema that are not current, because another version of the
/// program made them.
package enum OutdatedInstallation: Sendable, Equatable {
  /// The schema has an earlier version.
  case version(Int)
  /// The schema has the current version, with functions that differ from this program's.
  case functions
}

extension MigrationSet {
  /// Finds what has to be updated in VectorFerry's own schema, where the schema exists and one of
  /// these migrations installs it; nil where nothing has to be updated.
  ///
  /// The functions of the schema belong to the program, not to a file: the migration that once
  /// installed them stays applied. A role that may not replace the functions continues with the
  /// existing ones.
  package func outdatedInstallation(on connection: Connection) throws -> OutdatedInstallation? {
    let installs = migrations.contains { $0.up.statements.contains { $0.part == .ferrySchema } }
    guard installs else { return nil }
    let version = try FerrySchema.installedVersion(on: connection)
    if (1..<FerrySchema.currentVersion).contains(version) { return .version(version) }
    guard version == FerrySchema.currentVersion else { return nil }
    return try FerrySchema.canRenewFunctions(on: connection) ? .functions : nil
  }
}
