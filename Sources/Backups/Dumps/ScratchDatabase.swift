internal import Machine
internal import Postgres

/// A temporary database that a restore works in; it is dropped unless it replaces another database.
final class ScratchDatabase {
  /// The prefix of the names of scratch databases, by which a restore finds those of killed
  /// restores.
  static let prefix = "vector_ferry_restore_"

  let name: Identifier
  private let connection: Connection
  private var isKept = false

  /// Creates the database with the encoding and collation of the database that was dumped.
  ///
  /// - Parameter tablespace: the tablespace of the database; nil for the tablespace that new
  ///   databases get by default.
  init(like connection: Connection, for manifest: DumpManifest, in tablespace: Identifier? = nil)
    throws
  {
    self.connection = connection
    name = Identifier("\(Self.prefix)\(RunID().description.prefix(8))")
    try Self.make(name, manifest.traits, in: tablespace, on: connection)
  }

  private static func make(
    _ name: Identifier, _ traits: DatabaseTraits, in tablespace: Identifier?,
    on connection: Connection
  ) throws(PostgresError) {
    let place: SQL = tablespace.map { " TABLESPACE \($0)" } ?? ""
    let base: SQL = """
      CREATE DATABASE \(name) TEMPLATE template0 ENCODING \(Literal(traits.encoding))\(place)
      """
    let collation = Literal(traits.collation)
    do {
      try connection.execute(
        alone: base + " LC_COLLATE \(collation) LC_CTYPE \(Literal(traits.characterType))")
    } catch {
      // The server does not have these locales, or not for this encoding: text is ordered by its
      // bytes.
      guard ["22023", "42809"].contains(error.serverError?.sqlState) else { throw error }
      try connection.execute(alone: base + " LC_COLLATE 'C' LC_CTYPE 'C'")
    }
  }

  /// Opens a session in the scratch database.
  func connect() throws(PostgresError) -> Connection {
    try Connection.open(
      connection.target(database: name.name), isInterrupted: connection.isInterruptedNow)
  }

  /// Reads the contents of the scratch database.
  func contents() throws -> DatabaseContents {
    let session = try connect()
    return try session.transaction(.repeatableRead, readOnly: true) {
      try DatabaseContents.read(session)
    }
  }

  /// Makes `drop` do nothing; called once the database has its final name.
  func keep() { isKept = true }

  /// Drops the database, even after the operator has asked to stop.
  func drop() {
    guard !isKept else { return }
    _ = try? connection.uninterruptibly {
      // FORCE ends a session of this program in the database that has not ended yet.
      try connection.execute(alone: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
  }

  /// Returns the scratch databases in which there is no session: killed restores have left them.
  static func left(on connection: Connection) throws(PostgresError) -> [String] {
    let rows = try connection.query(DatabaseQueries.leftDatabases(prefix: prefix))
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }
}
