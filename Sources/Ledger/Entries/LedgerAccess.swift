package import Postgres
package import Layouts
internal import OwnSchema
package import Stores

/// Checks that the ledger and the table of documents exist, before a command reports on earlier
/// runs.
package enum LedgerAccess {
  /// Refuses a database without a ledger, or with a ledger of another version.
  package static func check(_ connection: Connection) throws {
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
          "vector-ferry migrate updates the schema; stores that did not change stay as they "
          + "are")
    }
  }

  /// Returns the statements that allow a role to read the ledger.
  package static func grants(to role: String) -> String {
    let role = Identifier(role).quoted
    return "GRANT USAGE ON SCHEMA vector_ferry TO \(role); "
      + "GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(role)"
  }

  /// Refuses a database without a ledger, or with a ledger of another version; where the ledger is
  /// missing but the table has rows, the message says so.
  private static func checkLedger(beside table: QualifiedName, on connection: Connection) throws {
    if try FerrySchema.installedVersion(on: connection) == 0,
      let found = try? VectorTable.find(table, on: connection),
      try connection.scalar("SELECT EXISTS (SELECT FROM \(found.name))") == true
    {
      throw Failure(
        .preflight,
        "the database has no ledger (schema vector_ferry), although table \(table) holds rows: "
          + "the ledger was removed, or another program has written them",
        remedy: "restore a dump that contains both (vector-ferry backups list --dumps); or migrate "
          + "with --dry-run, which shows how many of the rows have the texts of the stores")
    }
    try check(connection)
  }

  /// Returns the failure for a missing table of documents; it names the stores that the ledger
  /// lists in that table.
  private static func missing(_ table: QualifiedName, on connection: Connection) throws -> Failure {
    let listed = try listedStores(in: table, on: connection)
    guard !listed.isEmpty else {
      return Failure(
        .preflight, "there is no table \(table)", remedy: "name the table with --table")
    }
    return Failure(
      .preflight,
      "table \(table) does not exist any more, although the ledger lists \(listed.summary) in it",
      remedy: "restore a dump (vector-ferry backups list --dumps), or write the stores again from "
        + "their files: vector-ferry migrate")
  }

  /// Returns the stores that the ledger lists in a table, even if the table no longer exists.
  package static func listedStores(in table: QualifiedName, on connection: Connection) throws
    -> [StoreName]
  {
    let name = table.description
    let rows = try connection.query(
      """
      SELECT user_id, collection_name FROM vector_ferry.stores
      WHERE array_to_string(parse_ident(table_name), '.') = \(name)
      """)
    return try (0..<rows.rowCount).map { row in
      StoreName(user: try rows.value(row, 0), collection: try rows.value(row, 1))
    }.sorted()
  }

  /// Returns the table of documents, which must exist together with the ledger.
  package static func table(_ name: QualifiedName, on connection: Connection) throws -> VectorTable
  {
    let full = try ServerFacts.read(connection).qualified(name, on: connection)
    try checkLedger(beside: full, on: connection)
    guard let table = try VectorTable.find(full, on: connection) else {
      throw try missing(full, on: connection)
    }
    return table
  }
}

extension [StoreName] {
  /// The number of stores and the first five names, in words: `3 stores (a/x, b/y, …)`.
  package var summary: String {
    let names = prefix(5).map(\.description).joined(separator: ", ")
    return "\(count) store\(count == 1 ? "" : "s") (\(names)\(count > 5 ? ", …" : ""))"
  }
}
