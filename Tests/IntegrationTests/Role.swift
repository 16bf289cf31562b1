import Postgres
import TestSupport

/// A role of one test, which is dropped with everything that it owns.
final class Role {
  /// The name of the role, which no other test has.
  let name: String
  private let database: TestDatabase

  /// Creates a role whose only right is to log in.
  init(_ label: String, in ferry: Ferry) throws {
    name = "\(label)_\(ferry.database.name)"
    database = ferry.database
    try database.connect().execute(script: SQL(script: "CREATE ROLE \(name) LOGIN"))
  }

  deinit {
    // Objects of the role may be in use in the test's database, which is dropped after the role.
    _ = try? database.connect().execute(
      script: SQL(script: "DROP OWNED BY \(name) CASCADE; DROP ROLE \(name)"))
  }

  /// Opens a session of the role.
  func connect() throws -> Connection {
    let address = try TestServer.address
    let url = try database.url.replacing("//\(address.user)@", with: "//\(name)@")
    return try Connection.open(ConnectionTarget(source: "test", url: url), settings: .untouched)
  }

  /// True where the role has become a superuser.
  var isSuperuser: Bool {
    get throws {
      try database.connect().scalar(
        SQL(script: "SELECT rolsuper FROM pg_roles WHERE rolname = '\(name)'")) ?? true
    }
  }
}
