package import Postgres

/// The settings of pgvector that `index tune --apply` or an operator has given to the search
/// functions.
///
/// A function that is created again begins without these settings.
package struct TunedSettings {
  private let settings: [(function: String, name: String, value: String)]

  /// Reads the present settings of the functions; there are none where the functions do not exist
  /// yet.
  package init(on connection: Connection) throws(PostgresError) {
    let rows = try connection.query(FerrySchemaQueries.tunedSettings)
    settings = try rows.map { (row) throws(PostgresError) in
      (try rows.value(row, 0), try rows.value(row, 1), try rows.value(row, 2))
    }
  }

  /// The distinct settings, such as `hnsw.ef_search=100`.
  package var distinct: [String] { Set(settings.map { "\($0.name)=\($0.value)" }).sorted() }

  /// Sets the settings again on the functions with the same names and arguments.
  func restore(on connection: Connection, vectorSchema: Identifier) throws(PostgresError) {
    guard !settings.isEmpty else { return }
    // The server knows these settings only after pgvector's library was used for the first time.
    try connection.query("SELECT '[1]'::\(QualifiedName(schema: vectorSchema, "vector"))")
    for setting in settings {
      try connection.execute(
        script: """
          ALTER FUNCTION \(SQL(script: setting.function))
            SET \(SQL(script: setting.name)) = \(Literal(setting.value))
          """)
    }
  }
}
