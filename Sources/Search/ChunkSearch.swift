package import Postgres
internal import OwnSchema

/// Searches the chunks in the tables of the set `semantic_search`; environment variables select the
/// fields of a result.
package struct ChunkSearch {
  private let connection: Connection
  private let environment: [String: String]

  /// Creates a search that uses a session; `environment` selects the fields of a result.
  ///
  /// `VECTOR_STORE_EXPOSE_CHUNK_TEXT`, `VECTOR_STORE_EXPOSE_LINE_NUMBERS` and
  /// `VECTOR_STORE_INCLUDE_MODEL_METADATA` add fields.
  package init(_ connection: Connection, environment: [String: String]) {
    self.connection = connection
    self.environment = environment
  }

  /// The query that chunks are compared with.
  package enum Query: Sendable, Equatable {
    /// A stored embedding, named by its number.
    case like(Int)
    /// A vector of the table's dimension.
    case vector([Float])
  }

  /// One result of a search.
  package struct Chunk: Sendable, Equatable {
    /// The whole result as a JSON object.
    package var json: String
    /// The fields of the result, by their names.
    package var fields: [String: String]
  }

  /// The fields that a result may have, in the order in which they are shown.
  package static let fields = [
    "similarity_score", "embedding_id", "content_id", "content_type", "source_path", "title",
    "chunk_index", "line_start", "line_end", "model_name", "model_version", "chunk_text",
  ]

  /// Searches the chunks and returns the results, the best first; leaves out the query's own chunk
  /// where the query is a stored chunk.
  package func run(_ query: Query, limit: Int, threshold: Double?) throws -> [Chunk] {
    try connection.transaction(.repeatableRead, readOnly: true) {
      let set = try findSet()
      try setResultFields()
      let columns = SQL.joined(
        ["r::pg_catalog.text"]
          + Self.fields.map { "r OPERATOR(pg_catalog.->>) \(Literal($0))::pg_catalog.text" },
        separator: ", ")
      let rows: QueryResult
      switch query {
      case .like(let number):
        let isThere: Bool? = try connection.scalar(
          """
          SELECT count(*) > 0 FROM \(set.table)
          WHERE id = \(number) AND embedding IS NOT NULL
          """)
        guard isThere == true else { throw SearchError("there is no embedding \(number)") }
        rows = try connection.asApplication {
          try connection.query(
            ChunkSearchQueries.like(
              columns: columns, search: set.search, table: set.table, id: number,
              threshold: threshold ?? Self.usualThreshold, fetched: limit + 1, limit: limit))
        }
      case .vector(let elements):
        let vector = QualifiedName(
          schema: try FerrySchema.vectorSchema(on: connection), "vector")
        rows = try connection.asApplication {
          try connection.query(
            """
            SELECT \(columns) FROM \(set.search)(
              \(VectorValue(elements))::\(vector), \(threshold ?? Self.usualThreshold),
              \(limit)::pg_catalog.int4) r
            """)
        }
      }
      return try rows.map { (row) throws(PostgresError) in
        var chunk = Chunk(json: try rows.value(row, 0), fields: [:])
        for (index, field) in Self.fields.enumerated() {
          chunk.fields[field] = try rows.optional(row, index + 1, as: String.self)
        }
        return chunk
      }
    }
  }

  /// The requirements on a query vector.
  package struct Expectation: Sendable, Equatable {
    /// The dimension of the column; nil where the column accepts any dimension.
    package var dimensions: Int?
    /// The names of models that the rows record, sorted: at most two; empty where no model is
    /// recorded.
    package var models: [String]
  }

  /// Reads the requirements on a query vector, before a text is embedded.
  package func expectation() throws -> Expectation {
    try connection.transaction(.repeatableRead, readOnly: true) {
      let set = try findSet()
      let dimensions: Int? = try connection.scalar(
        """
        SELECT nullif(atttypmod, -1) FROM pg_attribute
        WHERE attrelid = \(set.table.quoted)::regclass AND attname = 'embedding'
        """)
      let hasColumn: Bool? = try connection.scalar(
        """
        SELECT count(*) > 0 FROM pg_attribute
        WHERE attrelid = \(set.table.quoted)::regclass AND attname = 'model_name'
        """)
      // The smallest and the greatest model name are two look-ups in the index over model names.
      let named: SQL =
        hasColumn == true
        ? """
        SELECT min(model_name)::text, max(model_name)::text FROM \(set.table)
        WHERE embedding IS NOT NULL
        """
        : """
        SELECT min(name), max(name) FROM (
          SELECT metadata->>'model_name' AS name FROM \(set.table)
          WHERE metadata ? 'model_name' AND embedding IS NOT NULL LIMIT 1000) m
        """
      let row = try connection.query(named)
      let ends = try [row.optional(0, 0, as: String.self), row.optional(0, 1, as: String.self)]
      return Expectation(
        dimensions: dimensions,
        models: ends.compactMap { $0 }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    }
  }

  private func findSet() throws -> (table: QualifiedName, search: QualifiedName) {
    let schemas = SQL.joined(
      try connection.searchedSchemas().map { "\(Literal($0.name))" }, separator: ", ")
    let schema: String? = try connection.scalar(
      """
      SELECT n.nspname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE p.proname = 'search_results' AND n.nspname::text IN (\(schemas))
      ORDER BY array_position(ARRAY[\(schemas)], n.nspname::text) LIMIT 1
      """)
    guard let schema, let table = try connection.resolve(QualifiedName("vector_embedding")) else {
      throw SearchError(
        "the set semantic_search is not in this database",
        remedy: "run: vector-ferry schema up --set semantic_search")
    }
    return (table, QualifiedName(schema: Identifier(schema), "search_results"))
  }

  /// The smallest similarity of a result where no threshold is given.
  package static let usualThreshold = 0.7

  private func setResultFields() throws(PostgresError) {
    for name in ["EXPOSE_CHUNK_TEXT", "EXPOSE_LINE_NUMBERS", "INCLUDE_MODEL_METADATA"] {
      guard let value = environment["VECTOR_STORE_\(name)"] else { continue }
      let isOn = ["true", "1", "yes", "on"].contains(value.lowercased())
      try connection.query(
        "SELECT set_config(\("vector_store.\(name.lowercased())"), \(isOn ? "true" : "false"), true)"
      )
    }
  }
}
