internal import Postgres

/// A property of a replaced database that the new database will not have.
package struct LostProperty: Sendable, Equatable {
  /// The property in words; without a setting's value, which may be a secret.
  package let property: String
  /// The reason why the new database cannot have the property.
  package let reason: String
}

/// The settings that sessions of a database begin with: `ALTER DATABASE … SET …` and
/// `ALTER ROLE … IN DATABASE … SET …`.
struct DatabaseSettings {
  let name: Identifier
  let connection: Connection

  init(of name: Identifier, on connection: Connection) {
    self.name = name
    self.connection = connection
  }

  /// One setting, for all roles or for one.
  struct Setting: CustomStringConvertible {
    let name: String
    let value: String
    let role: String?

    /// The setting in words, without its value: `setting work_mem of role ann`.
    var description: String { "setting \(name)" + (role.map { " of role \($0)" } ?? "") }

    /// The settings of the server whose values are lists of names.
    ///
    /// A list must not be quoted as a whole: the server would read it as one name.
    private static let lists: Set<String> = [
      "local_preload_libraries", "search_path", "session_preload_libraries",
      "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
    ]

    /// Gives the setting to a database; must be called in a transaction.
    func set(on database: Identifier, _ connection: Connection) throws {
      let subject: SQL =
        role.map { "ROLE \(Identifier($0)) IN DATABASE \(database)" } ?? "DATABASE \(database)"
      let words = name.split(separator: ".").map { Identifier(String($0)).quoted }
      let place = SQL(script: words.joined(separator: "."))
      guard Self.lists.contains(name.lowercased()) else {
        try connection.query("ALTER \(subject) SET \(place) TO \(Literal(value))")
        return
      }
      // The server copies a list from the setting of this session, which is set back afterwards.
      let before: String? = try connection.scalar("SELECT current_setting(\(name), true)")
      try connection.query("SELECT set_config(\(name), \(value), true)")
      try connection.query("ALTER \(subject) SET \(place) FROM CURRENT")
      try connection.query("SELECT set_config(\(name), \(before ?? ""), true)")
    }
  }

  /// Reads the settings of the database.
  func all() throws(PostgresError) -> [Setting] {
    let rows = try connection.query(DatabaseQueries.settings(database: name.name))
    return try rows.map { (row) throws(PostgresError) in
      Setting(
        name: try rows.value(row, 0), value: try rows.value(row, 1),
        role: try rows.optional(row, 2))
    }
  }

  /// Finds the settings that this role may not give to a database: gives each setting once more to
  /// the database that has it, and rolls this back.
  func lost() throws -> [LostProperty] {
    let settings = try all()
    guard !settings.isEmpty else { return [] }
    var lost: [LostProperty] = []
    try connection.query("BEGIN")
    // Where the session is broken, ROLLBACK fails, and the server rolls back by itself.
    defer { _ = try? connection.query("ROLLBACK") }
    for setting in settings {
      try connection.query("SAVEPOINT vector_ferry_setting")
      do {
        try setting.set(on: name, connection)
      } catch let error as PostgresError {
        guard let server = error.serverError else { throw error }
        // Only the message for a missing right (42501) is shown: other messages may quote the
        // setting's value.
        let reason =
          server.sqlState == "42501"
          ? server.message : "the server refuses the setting's value (SQLSTATE \(server.sqlState))"
        lost.append(LostProperty(property: setting.description, reason: reason))
        try connection.query("ROLLBACK TO SAVEPOINT vector_ferry_setting")
      }
    }
    return lost
  }
}
