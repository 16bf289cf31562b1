package import Postgres

extension FerrySchema {
  /// The SQL files that bring the schema from each version to the next, in their order, numbered
  /// from 0001 on.
  ///
  /// A new database runs all of them, so that it cannot differ from a database that was updated
  /// step by step.
  package static let versions = FerryFiles.versions.map(SQLFile.init)

  /// Updates the schema by the versions that it lacks.
  ///
  /// - Parameter last: the version to stop at.
  package static func bringUp(
    from version: Int, to last: Int = currentVersion, vectorSchema: Identifier,
    on connection: Connection
  ) throws(PostgresError) {
    for number in version + 1..<last + 1 {
      try connection.execute(
        script: versions[number - 1].script(vectorSchema: vectorSchema))
      try connection.query("INSERT INTO vector_ferry.version (number) VALUES (\(number))")
    }
    for part in Part.allCases where try has(part.rawValue, on: connection) {
      try connection.execute(script: part.file.script(vectorSchema: vectorSchema))
    }
  }
}
