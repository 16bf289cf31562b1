package import Postgres

extension FerrySchema {
  /// Returns the tables and types that a version of the schema has but the database lacks; returns
  /// none where the schema was never created.
  ///
  /// - Parameter version: the installed version; zero where the table of versions is missing.
  package static func missingTables(
    ofVersion version: Int, on connection: Connection
  ) throws(PostgresError) -> [String] {
    // Without its table of versions, a schema with any other table was created once.
    let files = version == 0 ? versions[...] : versions.prefix(version)
    let names = files.flatMap {
      $0.text.matches(
        of: /CREATE (?:TABLE|TYPE) (?:IF NOT EXISTS )?vector_ferry\.([a-z_]+)/
      ).map { String($0.output.1) }
    }
    let missing = try missingRelations(among: names, on: connection)
    return missing.count == names.count ? [] : version == 0 ? ["version"] : missing
  }

  /// Returns the functions and views of this program that the schema lacks.
  package static func missingFunctions(on connection: Connection) throws(PostgresError) -> [String]
  {
    let views = functions.flatMap {
      $0.text.matches(of: /CREATE OR REPLACE VIEW vector_ferry\.([a-z_]+)/)
        .map { String($0.output.1) }
    }
    let rows = try connection.query(
      FerrySchemaQueries.missingFunctions(names: functionNames.joined(separator: " ")))
    let missing = try rows.map { (row) throws(PostgresError) -> String in try rows.value(row, 0) }
    return missing + (try missingRelations(among: views, on: connection))
  }

  /// Returns true where stores keep originals, but the table of originals does not exist.
  package static func lacksOriginals(
    ofVersion version: Int, on connection: Connection
  ) throws(PostgresError) -> Bool {
    // Version 3 has added the column keeps_original.
    guard version >= 3, try !has(Part.originals.rawValue, on: connection) else { return false }
    return try connection.scalar(
      "SELECT EXISTS (SELECT FROM vector_ferry.stores s WHERE s.keeps_original)") ?? false
  }

  /// Returns the names of tables, types and views, out of the given ones, that the schema lacks.
  private static func missingRelations(
    among names: [String], on connection: Connection
  ) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      FerrySchemaQueries.missingRelations(names: names.joined(separator: " ")))
    return try rows.map { (row) throws(PostgresError) -> String in try rows.value(row, 0) }
  }
}
