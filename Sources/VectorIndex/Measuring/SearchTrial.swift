internal import Layouts
internal import Clock
internal import Postgres

/// Measures indexes: searches for stored vectors, first with an exact scan and then through each
/// index.
///
/// All searches use one snapshot, so that writes of other sessions change no result. PostgreSQL
/// itself chooses the index of a search. To make it choose the wanted index, some settings are set
/// while the statement is prepared; the statement's plan is then kept while the measured setting is
/// set. The plan is checked before and after each series. The settings are set for this transaction
/// only.
struct SearchTrial {
  let facts: TableFacts
  let connection: Connection
  /// The number of stored vectors that are searched for.
  let queries: Int

  /// The number of nearest documents that each search should find.
  static let neighbours = 10
  /// The number of rows that each search returns: one more, because the document itself is the
  /// nearest and is left out.
  private static var fetched: Int { neighbours + 1 }
  private static let statement: Identifier = "vector_ferry_trial"

  /// A stored vector, the number of its nearest documents, and the distance of the farthest of
  /// these.
  private struct Query {
    let id: String
    let wanted: Int
    let farthest: Double
  }

  /// Measures each index with each of its settings; the result is nil for an index that the server
  /// does not use for searches.
  func run(_ trials: [(index: TableIndex, settings: [SearchSetting])]) throws
    -> [[SearchQuality]?]
  {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try prepareSession()
      let asked = try sample().map { try exactResult(of: $0) }.filter { $0.wanted > 0 }
      return try trials.map { trial in
        try measure(trial.index, trial.settings, asked)
      }
    }
  }

  /// Uses a type of pgvector once, so that the server loads pgvector and knows its settings.
  private func prepareSession() throws {
    let vector = QualifiedName(schema: facts.vectorSchema, "vector")
    try connection.query("SELECT '[1]'::\(vector)")
    try connection.execute(
      script: """
        SET LOCAL statement_timeout = 0;
        SET LOCAL jit = off;
        """)
  }

  /// Chooses documents that are spread over the whole table, by the digests of their ids; zero
  /// vectors are left out, because they have no direction.
  private func sample() throws -> [String] {
    let zero = QualifiedName(schema: facts.vectorSchema, "vector_norm")
    let rows = try connection.query(
      """
      SELECT id::text FROM \(facts.table.rows) JOIN (
        SELECT id FROM \(facts.table.rows) ORDER BY md5(id::text) LIMIT \(2 * queries)) s USING (id)
      WHERE \(zero)(embedding) > 0 ORDER BY md5(id::text) LIMIT \(queries)
      """)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  /// Finds the nearest documents of a document with an exact scan: their number, and the distance
  /// of the farthest.
  private func exactResult(of id: String) throws -> Query {
    try connection.execute(script: "SET LOCAL enable_indexscan = off")
    defer { _ = try? connection.execute(script: "SET LOCAL enable_indexscan = on") }
    let rows = try connection.query(
      SearchTrialQueries.nearest(
        distance: distance, rows: facts.table.rows, id: id, limit: Self.neighbours))
    let farthest = rows.rowCount > 0 ? try rows.value(rows.rowCount - 1, 0, as: Double.self) : 0
    return Query(id: id, wanted: rows.rowCount, farthest: farthest)
  }

  /// The SQL for the exact cosine distance between the rows `d` and `q`.
  private var distance: SQL {
    let schema = facts.vectorSchema
    return "d.embedding OPERATOR(\(schema).<=>) q.query"
  }

  private func measure(
    _ index: TableIndex, _ settings: [SearchSetting], _ asked: [Query]
  ) throws -> [SearchQuality]? {
    try prepare(index)
    defer { _ = try? connection.execute(script: "DEALLOCATE \(Self.statement)") }
    guard let first = asked.first, try uses(index, first.id) else { return nil }
    try connection.execute(script: "SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on")
    var qualities: [SearchQuality] = []
    for setting in settings {
      try set(setting)
      // The first searches load into memory what the others then find there.
      for query in asked.prefix(5) { _ = try search(query) }
      let found = try asked.map { try search($0) }
      guard try uses(index, first.id) else { return nil }
      qualities.append(
        SearchQuality(
          setting, recalls: found.map(\.recall), milliseconds: found.map(\.milliseconds),
          counts: found.map(\.count)))
    }
    return qualities
  }

  /// Prepares the statement of the search, under settings that make the server choose this index.
  private func prepare(_ index: TableIndex) throws {
    let form = index.form(dimensions: facts.table.dimensions)
    let schema = facts.vectorSchema
    let column = form.expression(of: "d.embedding", vectorSchema: schema)
    let stored: SQL = "(SELECT q.embedding FROM \(facts.table.rows) q WHERE q.id = $1)"
    let query = form.expression(of: stored, vectorSchema: schema)
    try forceIndex(to: index.method)
    // Rows are compared by their true distance, whatever the index stores.
    try connection.execute(
      script: SearchTrialQueries.prepare(
        schema: schema, stored: stored, rows: facts.table.rows, column: column, query: query,
        limit: Self.fetched))
  }

  private func forceIndex(to method: IndexMethod) throws {
    let isGraph = method == .hnsw
    try set(SearchSetting(.hnsw, isGraph ? 1 : 1000))
    try set(SearchSetting(.ivfflat, isGraph ? 32_768 : 1))
  }

  private func set(_ setting: SearchSetting) throws {
    try connection.execute(script: SQL(script: "SET LOCAL \(setting.description)"))
  }

  /// Returns true where the prepared statement's plan uses the index.
  private func uses(_ index: TableIndex, _ id: String) throws -> Bool {
    let rows = try connection.query(
      "EXPLAIN EXECUTE \(Self.statement)(\(Literal(id)))")
    for row in 0..<rows.rowCount {
      let line: String = try rows.value(row, 0)
      let name = index.name.name.name
      if line.contains("using \(name) on ") || line.contains("using \"\(name)\" on ") {
        return true
      }
    }
    return false
  }

  private func search(_ query: Query) throws -> (recall: Double, milliseconds: Double, count: Int) {
    let start = MonotonicClock.seconds()
    let rows = try connection.query("EXECUTE \(Self.statement)(\(Literal(query.id)))")
    let milliseconds = (MonotonicClock.seconds() - start) * 1000
    var found = 0
    var others = 0
    for row in 0..<rows.rowCount where try rows.value(row, 0, as: String.self) != query.id {
      others += 1
      // Any of several equally near rows counts as found.
      if try rows.value(row, 1, as: Double.self) <= query.farthest + 1e-6 { found += 1 }
    }
    return (Double(min(found, query.wanted)) / Double(query.wanted), milliseconds, others)
  }
}
