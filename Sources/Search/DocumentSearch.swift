package import Postgres
internal import OwnSchema

/// Searches through the functions of the schema `vector_ferry`.
package struct DocumentSearch {
  private let connection: Connection

  /// Creates a search that uses a session.
  package init(_ connection: Connection) { self.connection = connection }

  /// Finds the documents that a request asks for; everything is read in one transaction.
  package func run(_ request: SearchRequest) throws -> SearchAnswer {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try checkSchema()
      try checkFilter(request.filter)
      if let user = request.user { try RowSecurity.act(for: user, on: connection) }
      if case .like(let id) = request.query { return try search(request, like: id) }
      guard let user = request.user else {
        throw Self.nobodyNamed
      }
      let collection = request.collection ?? Self.usualCollection
      try checkCollection(user: user, collection: collection)
      var vector: VectorValue?
      if case .vector(let elements) = request.query { vector = VectorValue(elements) }
      return SearchAnswer(
        user: user, collection: collection, likeID: nil,
        documents: try documents(
          request, user: user, collection: collection, vector: "\(vector)::\(vectorType())",
          limit: request.limit))
    }
  }

  /// The requirements on a query vector of a collection.
  package struct Expectation: Sendable, Equatable {
    /// The possible dimensions of the query vector: first those of the embedding model's own
    /// vectors, last that of the table's column.
    package var dimensions: [Int]
    /// The model by which the table's texts were embedded again; nil where no text was embedded
    /// again.
    package var model: String?
  }

  /// Reads the requirements on a query vector, before a text is embedded; throws where the
  /// collection does not exist.
  package func expectation(user: String, collection: String) throws -> Expectation {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try checkSchema()
      try RowSecurity.act(for: user, on: connection)
      try checkCollection(user: user, collection: collection)
      if let found = try reembedded(user: user, collection: collection) { return found }
      let rows = try connection.query(
        DocumentSearchQueries.dimensions(user: user, collection: collection))
      let all: [Int] = try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
      return Expectation(
        dimensions: all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, model: nil)
    }
  }

  /// Reads the requirements on a query vector in a table whose texts were embedded again, so that
  /// the models of the table's stores no longer count; nil for other tables.
  private func reembedded(user: String, collection: String) throws(PostgresError) -> Expectation? {
    // A database in which no dimension was changed may still have functions of an earlier version.
    let isPossible: Bool? = try connection.scalar(
      """
      SELECT to_regclass('vector_ferry.dimension_changes') IS NOT NULL
        AND to_regprocedure('vector_ferry.reembedding_of(text)') IS NOT NULL
      """)
    guard isPossible == true else { return nil }
    let row = try connection.query(
      """
      SELECT c.model, c.to_dimensions, vector_ferry.column_dimensions(c.table_name, c.column_name)
      FROM vector_ferry.store_of(\(user), \(collection)) s, vector_ferry.dimension_changes c
      WHERE c.id = vector_ferry.reembedding_of(coalesce(s.table_name, 'public.vector_documents'))
      """)
    guard row.rowCount == 1 else { return nil }
    let own: Int = try row.value(0, 1)
    let column: Int = try row.value(0, 2)
    return Expectation(
      dimensions: own == column ? [own] : [own, column], model: try row.value(0, 0))
  }

  /// The error of a search that names no user.
  package static let nobodyNamed = SearchError(
    "no user is given: the search needs to know whose documents to search", remedy: "name --user")

  /// The default value of the collection column in the application's table.
  package static let usualCollection = "personal_assistant"

  private func checkSchema() throws {
    let version = try FerrySchema.installedVersion(on: connection)
    guard version == FerrySchema.currentVersion else {
      if version > FerrySchema.currentVersion { throw FerrySchema.newer(version) }
      throw SchemaError(
        version == 0
          ? "this database has no search functions yet"
          : "the search functions of this database are those of an earlier VectorFerry",
        remedy: "migrate stores into this database, or run: vector-ferry schema up")
    }
  }

  private func checkFilter(_ filter: String?) throws {
    guard let filter else { return }
    if try kind(ofJSON: filter) == "object" { return }
    throw SearchError(
      "the filter is not a JSON object",
      remedy: "write an object like {\"record_type\": \"question\"}")
  }

  /// Returns the kind of a JSON text, such as `object` or `array`; nil where the text is not JSON.
  private func kind(ofJSON text: String) throws(PostgresError) -> String? {
    do throws(PostgresError) {
      return try connection.scalar("SELECT jsonb_typeof(\(text)::text::jsonb)")
    } catch {
      guard case .server(let fault) = error, fault.sqlState.hasPrefix("22") else { throw error }
      return nil
    }
  }

  /// Finds the full name of a text search configuration, as the application's sessions find it;
  /// returns an unknown name as it is, which the server then refuses.
  private func configuration(_ text: String) throws(PostgresError) -> String {
    guard let name = QualifiedName(parsing: text), name.schema == nil else { return text }
    for schema in try connection.searchedSchemas() {
      let isThere: Bool? = try connection.scalar(
        """
        SELECT EXISTS (SELECT FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
                       WHERE n.nspname = \(schema.name) AND c.cfgname = \(text))
        """)
      if isThere == true { return QualifiedName(schema: schema, name.name).quoted }
    }
    return text
  }

  /// Finds the full name of pgvector's type `vector`.
  private func vectorType() throws -> QualifiedName {
    QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
  }

  /// Refuses a collection that does not exist, instead of returning an empty answer.
  private func checkCollection(user: String, collection: String) throws {
    let isKnown: Bool? = try connection.scalar(
      "SELECT vector_ferry.has_documents(\(user), \(collection))")
    if isKnown == true { return }
    let known = try connection.query(
      """
      SELECT collection_name FROM vector_ferry.vector_search_stats WHERE user_id = \(user)
      UNION SELECT collection_name FROM vector_ferry.stores WHERE user_id = \(user) ORDER BY 1
      """)
    let names = try known.map { (row) throws(PostgresError) -> String in try known.value(row, 0) }
    guard !names.contains(collection) else { return }
    throw SearchError(
      "\(user) has no collection \(collection) in this database",
      remedy: names.isEmpty
        ? "list the migrated stores with: vector-ferry status"
        : "name --collection: \(names.joined(separator: ", "))")
  }

  private func search(_ request: SearchRequest, like prefix: String) throws -> SearchAnswer {
    guard let range = IdentifierRange(prefix: prefix) else {
      throw SearchError(
        "\(prefix) is not a document's id", remedy: "write a UUID, or its first four digits or more"
      )
    }
    let rows = try connection.query(
      DocumentSearchQueries.stored(
        first: range.first, last: range.last, user: request.user, collection: request.collection))
    guard rows.rowCount == 1 else {
      throw rows.rowCount == 0
        ? SearchError(
          "there is no document \(prefix)",
          remedy: "under row-level security, name --user; ids are in the table's column id")
        : SearchError("several ids begin with \(prefix)", remedy: "write more digits of the id")
    }
    let id: String = try rows.value(0, 0)
    let user: String = try rows.value(0, 1)
    let collection: String = try rows.value(0, 2)
    let isInOneTable = try rows.value(0, 3, as: Int.self) == 1
    let vector: SQL =
      isInOneTable
      ? "(SELECT d.query FROM vector_ferry.stored_documents(\(id)::uuid, \(id)::uuid) d)"
      : try searchedVector(of: id, user: user, collection: collection)
    let found = try documents(
      request, user: user, collection: collection, vector: vector, limit: request.limit + 1)
    return SearchAnswer(
      user: user, collection: collection, likeID: id,
      documents: Array(found.filter { $0.id != id }.prefix(request.limit)))
  }

  /// Returns the SQL for the vector that a document has in the searched table.
  ///
  /// A store that was migrated into several tables has different vectors in each table.
  private func searchedVector(
    of id: String, user: String, collection: String
  ) throws(PostgresError) -> SQL {
    // The table's name as the server writes it; where the table does not exist, the query fails.
    let table: String? = try connection.scalar(
      """
      SELECT vector_ferry.documents_of(vector_ferry.store_of(\(user), \(collection)))::text
      """)
    return "(SELECT t.embedding FROM \(SQL(script: table ?? "")) t WHERE t.id = \(id)::uuid)"
  }

  private func documents(
    _ request: SearchRequest, user: String, collection: String, vector: SQL, limit: Int
  ) throws(PostgresError) -> [SearchAnswer.Document] {
    guard let words = request.words else {
      let rows = try connection.query(
        DocumentSearchQueries.nearest(
          user: user, collection: collection, vector: vector, limit: limit,
          threshold: request.threshold, filter: request.filter))
      return try rows.map { (row) throws(PostgresError) in try document(rows, row) }
    }
    var weights: (vector: Double, keyword: Double)?
    if case .weighted(let vector, let keyword) = request.fusion { weights = (vector, keyword) }
    let rows = try connection.query(
      DocumentSearchQueries.hybrid(
        user: user, collection: collection, words: words, vector: vector, limit: limit,
        vectorWeight: weights?.vector, keywordWeight: weights?.keyword,
        threshold: request.threshold, filter: request.filter,
        fusion: weights == nil ? "rrf" : "weighted",
        configuration: configuration(request.configuration)))
    return try rows.map { (row) throws(PostgresError) in
      var found = try document(rows, row)
      found.hybrid = SearchAnswer.Hybrid(
        keywordRank: try rows.value(row, 4), score: try rows.value(row, 5),
        source: try rows.value(row, 6))
      return found
    }
  }

  private func document(
    _ rows: QueryResult, _ row: Int
  ) throws(PostgresError) -> SearchAnswer.Document {
    SearchAnswer.Document(
      id: try rows.value(row, 0), text: try rows.value(row, 1), metadata: try rows.value(row, 2),
      similarity: try rows.optional(row, 3), hybrid: nil)
  }
}
