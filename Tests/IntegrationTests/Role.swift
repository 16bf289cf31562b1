import Postgres
import TestSupport

/// A role of a test, dropped with everything it owns.
final class Role {
  /// Its name, of this test alone.
  let name: String
  private let database: TestDatabase

  /// Makes a role that may log in, and nothing else.
  init(_ label: String, in ferry: Ferry) throws {
    name = "\(label)_\(ferry.database.name)"
    database = ferry.database
    try database.connect().execute(script: SQL(script: "CREATE ROLE \(name) LOGIN"))
  }

  deinit {
    // What the role owns may be in use by the database itself, which goes after it.
    _ = try? database.connect().execute(
      script: SQL(script: "DROP OWNED BY \(name) CASCADE; DROP ROLE \(name)"))
  }

  /// A session of the role.
  func connect() throws -> Connection {
    let address = try TestServer.address
    let url = try database.url.replacing("//\(address.user)@", with: "//\(name)@")
    return try Connection.open(ConnectionTarget(source: "test", url: url), settings: .untouched)
  }

  /// True where it has come by the rights of a superuser.
  var isSuperuser: Bool {
    get throws {
      try database.connect().scalar(
        SQL(script: "SELECT rolsuper FROM pg_roles WHERE rolname = '\(name)'")) ?? true
    }
  }
}
