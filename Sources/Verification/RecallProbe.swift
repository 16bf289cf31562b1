internal import Ledger
internal import Models
internal import Digests
internal import Layouts
internal import Postgres
internal import OwnSchema
internal import Stores
internal import Unlisted
internal import VectorMath

/// Searches in PostgreSQL for the nearest documents, and compares the answers with an exact scan of
/// the files' own, unreduced vectors.
struct RecallProbe {
  let connection: Connection
  let table: VectorTable
  let name: StoreName
  let reader: StoreReader
  let engine: Engine
  /// The number of the store's vectors that are used as queries.
  let queries: Int
  /// The number of rows of the collection that the ledger does not list: such rows may be among the
  /// answers.
  let added: Int
  /// The measurement of the run that reduced the store; nil where the store was not reduced.
  let recorded: ModelMeasurement?
  /// The ids of adopted rows; the keys are the own ids of their documents.
  let rows: [UUIDValue: UUIDValue]
  let isInterrupted: @Sendable () -> Bool

  private static let neighbours = 10
  /// The number of true neighbours that are kept: more than are searched for, because documents
  /// with equal scores may come in any order.
  private static let kept = 50

  private struct Query {
    let position: Int
    let vector: [Float]
    /// The answers of PostgreSQL; the best answer comes first.
    var answers: [UUIDValue] = []
    /// The answers to a query that is cut to its first numbers; empty where nothing was reduced.
    var cutAnswers: [UUIDValue] = []
  }

  /// Returns the recall below which a store counts as different, where the store's run has measured
  /// `recall`.
  ///
  /// This is a little less, because an index finds less, and two standard errors less, because the
  /// queries are a sample.
  static func expected(of recall: Double, queries: Int) -> Double {
    let answers = Double(max(1, queries) * neighbours)
    let error = (max(0, recall * (1 - recall)) / answers).squareRoot()
    return max(0, recall - 0.05 - 2 * error)
  }

  /// The reason why nothing is measured for a store; only valid where `measure` returned nil.
  var obstacle: String {
    if queries == 0 { return "search: --queries 0 asks for no searches" }
    if reader.documentCount == 0 { return "search: the store has no documents" }
    return reader.documentCount == 1
      ? "search: the store has a single document"
      : "search: all sampled vectors of the store are zero"
  }

  /// Measures the recall; nil where nothing is measured: `obstacle` then gives the reason.
  func measure(expected: Double) throws -> SearchRecall? {
    guard reader.documentCount > 1, queries > 0 else { return nil }
    var asked = try sample()
    guard !asked.isEmpty else { return nil }
    for index in asked.indices {
      asked[index].answers = try search(asked[index].vector)
      if recorded != nil { asked[index].cutAnswers = try search(cutting: asked[index].vector) }
    }
    let scan = try ExactScan(
      queries: asked.flatMap(\.vector), dimensions: reader.dimensions, neighbours: Self.kept,
      excluding: asked.map(\.position), engine: engine)
    let positions = try scanAll(
      scan, wanted: Set(asked.flatMap { $0.answers + $0.cutAnswers }))
    let wanted = scan.nearest.reduce(0) { $0 + min(Self.neighbours, $1.count) }
    func recall(of answers: (Query) -> [UUIDValue]) -> Double {
      let hits = zip(asked, scan.nearest).map { query, nearest in
        // A query always finds itself first, which proves nothing.
        let rows = answers(query).compactMap { positions[$0] }.filter { $0 != query.position }
        return Self.hits(rows, among: nearest)
      }
      return wanted == 0 ? 1 : Double(hits.reduce(0, +)) / Double(wanted)
    }
    return SearchRecall(
      recall: recall(of: \.answers), neighbours: Self.neighbours, queries: asked.count,
      expected: expected, cutRecall: recorded == nil ? nil : recall(of: \.cutAnswers),
      recorded: recorded)
  }

  /// Counts the answers that are at least as near as the tenth true neighbour; answers with the
  /// same score as this neighbour count as well.
  private static func hits(_ answers: [Int], among nearest: [Neighbour]) -> Int {
    let wanted = min(neighbours, nearest.count)
    guard wanted > 0 else { return 0 }
    let worst = nearest[wanted - 1].score - 1e-6
    let good = Set(nearest.filter { $0.score >= worst }.map(\.row))
    return answers.prefix(wanted).count { good.contains($0) }
  }

  /// Returns vectors spread evenly over the store; zero vectors are left out, because they have no
  /// direction.
  private func sample() throws -> [Query] {
    let positions = Set(Fidelity.sample(of: reader.documentCount, count: queries))
    var found: [Query] = []
    let width = reader.dimensions
    try reader.vectors.forEachBatch(limit: BatchSize.documents) { rows, range in
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      for position in range where positions.contains(position) {
        let start = (position - range.lowerBound) * width
        let vector = Array(rows[start..<start + width])
        guard vector.contains(where: { $0 != 0 }) else { continue }
        found.append(Query(position: position, vector: vector))
      }
    }
    return found
  }

  /// The number of answers to ask for: more than are needed, because the query itself and rows that
  /// the ledger does not list may be among them.
  private var wantedAnswers: Int { Self.neighbours + 1 + min(added, 1000) }

  /// Searches with a full vector, as docs/SEARCH.md recommends.
  private func search(_ vector: [Float]) throws -> [UUIDValue] {
    let type = try vectorType()
    return try answers(
      """
      SELECT id FROM vector_ferry.similarity_search(
        \(name.user), \(name.collection), \(VectorValue(vector))::\(type),
        \(wantedAnswers)::int)
      """)
  }

  /// Searches the table itself with the vector cut to the table's dimension, as an application does
  /// whose code was not changed.
  private func search(cutting vector: [Float]) throws -> [UUIDValue] {
    let type = try vectorType()
    let cut = VectorValue(Array(vector.prefix(table.dimensions)))
    return try answers(
      """
      SELECT t.id FROM \(table.rows) t WHERE \(DocumentColumns.shared.isOf(name))
      ORDER BY t.embedding OPERATOR(\(type.schema ?? "public").<=>) \(cut)::\(type)
      LIMIT \(wantedAnswers)
      """)
  }

  private func vectorType() throws -> QualifiedName {
    QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
  }

  private func answers(_ query: SQL) throws -> [UUIDValue] {
    let rows = try connection.query(query)
    let ids = try rows.map { (row) throws(PostgresError) in
      try rows.value(row, 0, as: UUIDValue.self)
    }
    return ids.compactMap(\.self)
  }

  /// Adds the files' vectors to the exact scan; returns the positions of the wanted documents by
  /// the ids of their rows.
  private func scanAll(_ scan: ExactScan, wanted: Set<UUIDValue>) throws -> [UUIDValue: Int] {
    var positions: [UUIDValue: Int] = [:]
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      try batch.vectors.withUnsafeBufferPointer { try scan.add(rows: $0, count: batch.count) }
      for document in batch.documents {
        let id = rows[document.id] ?? document.id
        if wanted.contains(id) { positions[id] = document.position }
      }
    }
    return positions
  }
}
