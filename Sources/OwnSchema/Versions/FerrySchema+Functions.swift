internal import Digests
package import Postgres

extension FerrySchema {
  /// Functions that let any client search with its full vectors and without PCA code; a file has
  /// the name of its function.
  ///
  /// Each fixes its search path, so that nobody's table or operator of the same name is met: some
  /// run with their owner's rights.
  package static let functions = FerryFiles.functions.map(SQLFile.init)

  /// True where the functions are those of this program, and nobody has replaced one since.
  ///
  /// The schema must have the current version.
  package static func hasCurrentFunctions(on connection: Connection) throws -> Bool {
    let vector = try vectorSchema(on: connection)
    return try connection.scalar(
      """
      SELECT functions = \(try digest(vectorSchema: vector))
      FROM vector_ferry.version WHERE number = \(currentVersion)
      """) ?? false
  }

  /// True where the functions are not those of this program, and the session's role may replace
  /// them.
  package static func canRenewFunctions(on connection: Connection) throws -> Bool {
    guard try !hasCurrentFunctions(on: connection) else { return false }
    return try connection.scalar(
      """
      SELECT has_schema_privilege(n.oid, 'CREATE')
        AND has_table_privilege(to_regclass('vector_ferry.version'), 'UPDATE')
        AND NOT EXISTS (
          SELECT FROM pg_proc p
          WHERE p.pronamespace = n.oid AND \(isOurs) AND NOT pg_has_role(p.proowner, 'USAGE'))
        AND NOT EXISTS (
          SELECT FROM pg_class c
          WHERE c.oid = to_regclass('vector_ferry.vector_search_stats')
            AND NOT pg_has_role(c.relowner, 'USAGE'))
      FROM pg_namespace n WHERE n.nspname = \(name.name)
      """) ?? false
  }

  /// Makes the functions anew, with the settings that tuning has given to those before.
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

  /// The digest of the files, and of what the catalogue has by their names.
  ///
  /// Of a function's settings only the search path counts: others are the operator's to give.
  private static func digest(vectorSchema: Identifier) throws -> SQL {
    let texts = functions.map(\.text) + [vectorSchema.name]
    let files = try SHA256.digest(of: Array(texts.joined(separator: "\0").utf8)).description
    return """
      (SELECT encode(sha256(convert_to(concat(\(files)::text, string_agg(
         concat_ws(chr(31), p.proname, p.prosrc, (
           SELECT s FROM unnest(p.proconfig) s WHERE starts_with(s, 'search_path='))),
         chr(30) ORDER BY p.proname::text COLLATE "C", p.prosrc COLLATE "C")), 'UTF8')), 'hex')
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname = \(name.name) AND \(isOurs))
      """
  }

  /// The function `p` has the name of one of ours.
  private static var isOurs: SQL {
    let names = functions.map { $0.name.dropLast(".sql".count) }.joined(separator: " ")
    return "p.proname::text = ANY (string_to_array(\(names), ' '))"
  }
}
