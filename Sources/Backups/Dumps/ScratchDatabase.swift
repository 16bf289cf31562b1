internal import Ledger
internal import Postgres

/// A database of the server that a restore works in, and drops unless it takes its place.
final class ScratchDatabase {
  /// How such databases are called, so that those that a killed restore has left can be told.
  static let prefix = "vector_ferry_restore_"

  let name: Identifier
  private let connection: Connection
  private var isKept = false

  /// Makes it, with text stored and ordered as in the database that was dumped.
  init(like connection: Connection, for manifest: DumpManifest) throws {
    self.connection = connection
    name = Identifier("\(Self.prefix)\(RunID().description.prefix(8))")
    try Self.make(name, manifest.traits, on: connection)
  }

  private static func make(_ name: Identifier, _ traits: DatabaseTraits, on connection: Connection)
    throws(PostgresError)
  {
    let base: SQL = """
      CREATE DATABASE \(name) TEMPLATE template0 ENCODING \(Literal(traits.encoding))
      """
    let collation = Literal(traits.collation)
    do {
      try connection.execute(
        alone: base + " LC_COLLATE \(collation) LC_CTYPE \(Literal(traits.characterType))")
    } catch {
      // The server does not know these locales, or not for this encoding: bytes order text then.
      guard ["22023", "42809"].contains(error.serverError?.sqlState) else { throw error }
      try connection.execute(alone: base + " LC_COLLATE 'C' LC_CTYPE 'C'")
    }
  }

  /// A session in it.
  func connect() throws(PostgresError) -> Connection {
    try Connection.open(
      connection.target(database: name.name), isInterrupted: connection.isInterruptedNow)
  }

  /// What it holds.
  func contents() throws -> DatabaseContents {
    let session = try connect()
    return try session.transaction(.repeatableRead, readOnly: true) {
      try DatabaseContents.read(session)
    }
  }

  /// It has got another name, and stays.
  func keep() { isKept = true }

  /// Drops it, also where the operator has asked to stop.
  func drop() {
    guard !isKept else { return }
    _ = try? connection.uninterruptibly {
      // A session of ours in it may not have ended yet.
      try connection.execute(alone: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
  }

  /// Those that killed restores have left: nobody is in them.
  static func left(on connection: Connection) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      SELECT datname::text FROM pg_database d
      WHERE starts_with(datname::text, \(prefix))
        AND NOT EXISTS (
          SELECT FROM pg_stat_activity a
          WHERE a.datid = d.oid AND a.backend_type = 'client backend')
      ORDER BY datname
      """)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }
}
