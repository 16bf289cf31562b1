internal import Postgres
internal import Layouts
internal import OwnSchema

/// The search functions in schema `vector_ferry`, and the settings of pgvector that they have.
struct SearchFunctions {
  let connection: Connection

  /// Lists all search functions with their parameters, as ALTER FUNCTION names them.
  func all() throws(PostgresError) -> [String] {
    let rows = try connection.query(CatalogueQueries.searchFunctions)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  /// Lists the settings of pgvector that the functions have, such as `hnsw.ef_search=100`, without
  /// repetitions.
  func settings() throws(PostgresError) -> [String] {
    try TunedSettings(on: connection).distinct
  }

  /// Returns the search setting that the functions have for an index, or the usual setting where
  /// they have none.
  func setting(for index: TableIndex) throws(PostgresError) -> SearchSetting {
    let usual = SearchSetting.usual(index.parameters)
    for setting in try settings() {
      let pair = setting.split(separator: "=")
      if pair.count == 2, pair[0] == usual.name, let value = Int(pair[1]) {
        return SearchSetting(index.method, value)
      }
    }
    return usual
  }

  /// Returns true where the functions search this table, or a table that contains it as a
  /// partition.
  func search(_ table: VectorTable) throws(PostgresError) -> Bool {
    let areThere: Bool? = try connection.scalar(
      "SELECT to_regproc('vector_ferry.document_tables') IS NOT NULL")
    guard areThere == true else { return false }
    let name = table.catalogueName
    return try connection.scalar(CatalogueQueries.isSearched(table: name)) ?? false
  }

  /// Writes a setting into all search functions, in one transaction; returns the changed functions.
  ///
  /// Where the functions do not search this table, nothing is changed and the list is empty.
  func apply(_ setting: SearchSetting, for facts: TableFacts) throws -> [String] {
    guard try search(facts.table) else { return [] }
    let vector = QualifiedName(schema: facts.vectorSchema, "vector")
    // The server knows the setting only after the library was used for the first time.
    try connection.query("SELECT '[1]'::\(vector)")
    return try connection.transaction {
      // A run that recreates the functions at the same time would lose the setting.
      try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
      let functions = try all()
      for function in functions {
        try connection.execute(
          script: SQL(script: "ALTER FUNCTION \(function) SET \(setting.description)"))
      }
      return functions
    }
  }
}
