package import Postgres

extension FerrySchema {
  /// A table that few databases need; it is created when it is first needed.
  ///
  /// The table's SQL file may be run again, and is run again with each new version of the schema.
  package enum Part: String, CaseIterable, Sendable {
    /// The unreduced vectors, whose type needs pgvector 0.7.
    case originals
    /// The record of dimension changes.
    case dimensionChanges = "dimension_changes"

    var file: SQLFile { FerryFiles.file(rawValue, in: FerryFiles.parts) }
  }

  /// Creates a part of the schema where it is missing.
  ///
  /// - Parameter table: the table of documents that the session writes to.
  package static func install(
    _ part: Part, for table: String? = nil, on connection: Connection
  ) throws {
    try connection.transaction { try installInTransaction(part, for: table, on: connection) }
  }

  /// Creates a part of the schema where it is missing, in the open transaction.
  package static func installInTransaction(
    _ part: Part, for table: String? = nil, on connection: Connection
  ) throws {
    let vector = try vectorSchema(on: connection)
    try lock(connection)
    try refuseForeignOwners(table, on: connection)
    try connection.execute(script: part.file.script(vectorSchema: vector))
  }

  /// Creates the record of dimension changes where it is missing, and updates the functions and
  /// policies that read it, in the open transaction.
  package static func installDimensionChanges(
    for table: String? = nil, on connection: Connection
  ) throws {
    try installInTransaction(for: table, on: connection)
    try installInTransaction(.dimensionChanges, for: table, on: connection)
    try connection.execute(script: RowSecurity.showChanges)
  }

  /// Returns false where the record of dimension changes needs an update.
  ///
  /// This is so where the record exists and one of three things is true: the schema has another
  /// version, this session can renew the functions, or policies hide the models of dimension
  /// changes.
  package static func hasCurrentDimensionChanges(on connection: Connection) throws -> Bool {
    guard try has(Part.dimensionChanges.rawValue, on: connection) else { return true }
    guard try installedVersion(on: connection) == currentVersion,
      try !canRenewFunctions(on: connection)
    else { return false }
    return try connection.scalar("SELECT NOT EXISTS (SELECT FROM vector_ferry.hidden_models())")
      ?? false
  }
}
