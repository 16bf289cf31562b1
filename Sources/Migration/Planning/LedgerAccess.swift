internal import Postgres
internal import Schema

/// What must be there before anything can be said about earlier runs.
enum LedgerAccess {
  /// Refuses a database without a ledger, or with one of another version.
  static func check(_ connection: Connection) throws {
    let version = try FerrySchema.installedVersion(on: connection)
    guard version <= FerrySchema.currentVersion else { throw FerrySchema.newer(version) }
    guard version > 0 else {
      throw Failure(
        .preflight, "nothing has been migrated into this database: it has no schema vector_ferry",
        remedy: "check which database is meant, or run: vector-ferry migrate")
    }
    guard version == FerrySchema.currentVersion else {
      throw Failure(
        .preflight,
        "schema vector_ferry has version \(version), this program works with "
          + "\(FerrySchema.currentVersion)",
        remedy:
          "vector-ferry migrate brings it up to date; stores that did not change stay as they "
          + "are")
    }
  }

  /// The statements that let a role look into the ledger.
  static func grants(to role: String) -> String {
    let role = Identifier(role).quoted
    return "GRANT USAGE ON SCHEMA vector_ferry TO \(role); "
      + "GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(role)"
  }

  /// The table of documents, which must exist beside the ledger.
  static func table(_ name: QualifiedName, on connection: Connection) throws -> VectorTable {
    try check(connection)
    let full = try ServerFacts.read(connection).qualified(name)
    guard let table = try VectorTable.find(full, on: connection) else {
      throw Failure(
        .preflight, "there is no table \(full)", remedy: "name the table with --table")
    }
    return table
  }
}
