internal import Files
internal import Ledger
internal import Machine
internal import Postgres
internal import Stores

/// The definition of one table in a dump: the table with its indexes, constraints and triggers, and
/// the functions that its triggers call.
struct PartDefinition {
  let dumps: DatabaseDumps
  let file: DatabaseDump
  let manifest: DumpManifest

  /// Returns the statements that create the table, as pg_dump reads them in a scratch database that
  /// has all objects of the dump and no rows.
  func statements(for table: QualifiedName, on connection: Connection) throws -> [SQL] {
    let scratch = try ScratchDatabase(like: connection, for: manifest)
    defer { scratch.drop() }
    try file.restore(.allDefinitions, into: scratch.name.name, like: connection)
    let session = try scratch.connect()
    var statements = try extensions(on: session)
    if let schema = table.schema {
      statements.append("CREATE SCHEMA IF NOT EXISTS \(schema)")
    }
    let functions = try session.query(PartQueries.triggerFunctions(table: table.quoted))
    for row in 0..<functions.rowCount {
      let schema = Identifier(try functions.value(row, 0, as: String.self))
      statements.append("CREATE SCHEMA IF NOT EXISTS \(schema)")
      statements.append(SQL(script: try functions.value(row, 1)))
    }
    statements.append(SQL(script: try script(for: table, in: session)))
    return statements
  }

  /// Returns the statement that creates the extension vector, where the dump has it.
  private func extensions(on session: Connection) throws -> [SQL] {
    let rows = try session.query(
      """
      SELECT e.extname::text, n.nspname::text
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'
      """)
    return try rows.map { (row) throws(PostgresError) in
      let schema = Identifier(try rows.value(row, 1))
      return """
        CREATE EXTENSION IF NOT EXISTS \(Identifier(try rows.value(row, 0))) WITH SCHEMA \(schema)
        """
    }
  }

  /// Returns the output of pg_dump for the table, without the lines that only psql understands.
  private func script(for table: QualifiedName, in session: Connection) throws -> String {
    let folder = try Directory(path: dumps.directory)
    let name = "\(RunID()).definition.part"
    try folder.createFile(named: name).sync()
    defer { _ = try? folder.removeFile(named: name) }
    try DatabaseDump(at: "\(dumps.directory)/\(name)", like: file)
      .makeDefinition(of: table, in: session)
    var bytes: [UInt8] = []
    try folder.openFile(named: name).forEachChunk { bytes += $0 }
    let isForPsql = { (line: Substring) in
      line.hasPrefix("\\restrict ") || line.hasPrefix("\\unrestrict ")
        || line == "SET transaction_timeout = 0;"
    }
    return String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).filter { !isForPsql($0) }
      .joined(separator: "\n")
  }
}
