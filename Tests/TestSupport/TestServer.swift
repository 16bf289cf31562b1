import Foundation
public import Postgres

/// A PostgreSQL server with pgvector for the tests of one process; each test makes its own
/// databases on the server.
public enum TestServer {
  private static let home: Result<EmbeddedServer, any Error> = Result {
    let home = "\(Oracle.repository)/.vector-ferry/tests"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    return try EmbeddedServer(directory: home)
  }

  private static let server: Result<EmbeddedServer, any Error> = Result {
    let server = try home.get()
    try server.start()
    // The server of this process must end with the tests.
    atexit { _ = try? TestServer.server.get().stop() }
    return server
  }

  /// True where programs of PostgreSQL with pgvector are installed; otherwise, tests that need a
  /// server are skipped.
  public static let isAvailable = (try? home.get().binaries) != nil

  /// The programs of the server.
  public static var binaries: PostgresBinaries { get throws { try server.get().binaries } }

  /// The address on which the server listens.
  public static var address: EmbeddedServerAddress { get throws { try server.get().address } }

  /// Opens a session in a database of the server.
  public static func connect(to database: String? = nil) throws -> Connection {
    try Connection.open(target(database), settings: .untouched)
  }

  /// Returns the target for connections to the server or to one of its databases.
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

/// A database for one test, which is dropped when the object is released.
public final class TestDatabase: Sendable {
  /// The random name of the database.
  public let name: String

  /// Creates an empty database; `options` are added to CREATE DATABASE.
  public init(options: String = "") throws {
    name = "test_\(UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: ""))"
    let session = try TestServer.connect()
    try session.execute(script: SQL(script: "CREATE DATABASE \(name) \(options)"))
  }

  deinit {
    let session = try? TestServer.connect()
    _ = try? session?.execute(script: SQL(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
  }

  /// The target for connections to the database.
  public var target: ConnectionTarget { get throws { try TestServer.target(name) } }

  /// The URL of the database, for libpq, psql and this program.
  public var url: String {
    get throws {
      let address = try TestServer.address
      let host = address.socketDirectory.replacingOccurrences(of: "/", with: "%2F")
      return "postgresql://\(address.user)@\(host):\(address.port)/\(name)"
    }
  }

  /// Opens a new session.
  public func connect(isInterrupted: @escaping @Sendable () -> Bool = { false }) throws
    -> Connection
  {
    try Connection.open(target, settings: .untouched, isInterrupted: isInterrupted)
  }

  /// Opens a new session with this setting, which stays when a session's settings are reset.
  ///
  /// Settings of a database would be seen by tests of what all databases share.
  public func connect(with setting: String) throws -> Connection {
    let option = "-c \(setting)".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    return try Connection.open(
      ConnectionTarget(source: "test", url: "\(try url)?options=\(option)"), settings: .untouched)
  }
}
