internal import Digests
package import Postgres

extension FerrySchema {
  /// The functions with which any client can search with its full vectors and without PCA code of
  /// its own; each file has the name of its function.
  ///
  /// Each function sets its search path, so that it never uses a table or an operator of the same
  /// name that belongs to another role: some functions run with their owner's rights.
  package static let functions = FerryFiles.functions.map(SQLFile.init)

  /// Returns true where the functions are those of this program and were not replaced, and the view
  /// exists that is created with them.
  ///
  /// The schema must have the current version.
  package static func hasCurrentFunctions(on connection: Connection) throws -> Bool {
    let vector = try vectorSchema(on: connection)
    return try connection.scalar(
      """
      SELECT functions = \(try digest(vectorSchema: vector))
        AND to_regclass('vector_ferry.vector_search_stats') IS NOT NULL
      FROM vector_ferry.version WHERE number = \(currentVersion)
      """) ?? false
  }

  /// Returns true where the functions are not those of this program, and the session's role may
  /// replace them.
  package static func canRenewFunctions(on connection: Connection) throws -> Bool {
    guard try !hasCurrentFunctions(on: connection) else { return false }
    return try connection.scalar(FerrySchemaQueries.mayRenewFunctions(isOurs: isOurs)) ?? false
  }

  /// Creates the functions again, and restores the settings that tuning has given to the earlier
  /// functions.
  static func makeFunctions(vectorSchema: Identifier, on connection: Connection) throws {
    let tuned = try TunedSettings(on: connection)
    for file in functions {
      try connection.execute(script: file.script(vectorSchema: vectorSchema))
    }
    try tuned.restore(on: connection, vectorSchema: vectorSchema)
    try connection.query(
      """
      UPDATE vector_ferry.version SET functions = \(try digest(vectorSchema: vectorSchema))
      WHERE number = \(currentVersion)
      """)
  }

  /// Returns SQL for two digests: of the files of functions, and of the functions in the catalogue
  /// that have the names of the files.
  ///
  /// Of a function's settings only the search path counts, because the operator may set the others.
  private static func digest(vectorSchema: Identifier) throws -> SQL {
    let texts = functions.map(\.text) + [vectorSchema.name]
    let files = try SHA256.digest(of: Array(texts.joined(separator: "\0").utf8)).description
    return FerrySchemaQueries.functionsDigest(files: files, isOurs: isOurs)
  }

  /// The SQL condition that is true where the function `p` has the name of one of this program's
  /// functions.
  private static var isOurs: SQL {
    "p.proname::text = ANY (string_to_array(\(functionNames.joined(separator: " ")), ' '))"
  }

  /// The names of the functions, which are the names of their files.
  static var functionNames: [String] { functions.map { String($0.name.dropLast(".sql".count)) } }
}
