import Foundation
public import Postgres

/// A private PostgreSQL with pgvector for the tests of one process; each test makes databases of
/// its own in it.
public enum TestServer {
  private static let home: Result<EmbeddedServer, any Error> = Result {
    let home = "\(Oracle.repository)/.vector-ferry/tests"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    return try EmbeddedServer(directory: home)
  }

  private static let server: Result<EmbeddedServer, any Error> = Result {
    let server = try home.get()
    try server.start()
    // One process, one server: it must not outlive the tests.
    atexit { _ = try? TestServer.server.get().stop() }
    return server
  }

  /// True where binaries with pgvector are at hand; tests that need a server are skipped elsewhere.
  public static let isAvailable = (try? home.get().binaries) != nil

  /// The server's programs.
  public static var binaries: PostgresBinaries { get throws { try server.get().binaries } }

  /// Where the server listens.
  public static var address: EmbeddedServerAddress { get throws { try server.get().address } }

  /// Opens a session in a database of the server.
  public static func connect(to database: String? = nil) throws -> Connection {
    try Connection.open(target(database), settings: .untouched)
  }

  /// The server, or one of its databases, as a target.
  public static func target(_ database: String? = nil) throws -> ConnectionTarget {
    let address = try address
    return ConnectionTarget(
      source: "test",
      parameters: [
        ("host", address.socketDirectory), ("port", "\(address.port)"), ("user", address.user),
        ("dbname", database ?? address.database),
      ])
  }
}

/// A database of its own for one test, dropped when the test lets go of it.
public final class TestDatabase: Sendable {
  /// Its name, random.
  public let name: String

  /// Makes an empty database; `options` follow CREATE DATABASE.
  public init(options: String = "") throws {
    name = "test_\(UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: ""))"
    let session = try TestServer.connect()
    try session.execute(script: SQL(script: "CREATE DATABASE \(name) \(options)"))
  }

  deinit {
    let session = try? TestServer.connect()
    _ = try? session?.execute(script: SQL(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
  }

  /// The database as a target.
  public var target: ConnectionTarget { get throws { try TestServer.target(name) } }

  /// A URL that libpq, psql and this program understand.
  public var url: String {
    get throws {
      let address = try TestServer.address
      let host = address.socketDirectory.replacingOccurrences(of: "/", with: "%2F")
      return "postgresql://\(address.user)@\(host):\(address.port)/\(name)"
    }
  }

  /// A new session.
  public func connect(isInterrupted: @escaping @Sendable () -> Bool = { false }) throws
    -> Connection
  {
    try Connection.open(target, settings: .untouched, isInterrupted: isInterrupted)
  }
}
