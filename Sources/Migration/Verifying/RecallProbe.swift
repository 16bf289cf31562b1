internal import Ledger
internal import Digests
internal import Postgres
internal import OwnSchema
internal import Stores
internal import VectorMath

/// Asks PostgreSQL for the nearest documents and compares its answers with an exact scan of the
/// files' own, unreduced vectors.
struct RecallProbe {
  let connection: Connection
  let name: StoreName
  let reader: StoreReader
  let engine: Engine
  /// How many of the store's vectors are asked.
  let queries: Int
  /// Rows of the application, which may come among the answers.
  let added: Int
  /// The rows that documents stand in whose ids are not their own.
  let rows: [UUIDValue: UUIDValue]
  let isInterrupted: @Sendable () -> Bool

  private static let neighbours = 10
  /// Documents of equal score may come in any order: more are kept than are asked for.
  private static let kept = 50

  private struct Query {
    let position: Int
    let vector: [Float]
    /// What PostgreSQL found, best first.
    var answers: [UUIDValue] = []
  }

  /// Why nothing is measured of a store; nil where enough was there to ask for.
  var obstacle: String {
    if queries == 0 { return "search: --queries 0 asks for none" }
    if reader.documentCount == 0 { return "search: the store has no documents" }
    return reader.documentCount == 1
      ? "search: the store has a single document" : "search: all of its sampled vectors are zero"
  }

  /// Measures; nil where there are not enough documents to ask for.
  func measure(expected: Double) throws -> SearchRecall? {
    guard reader.documentCount > 1, queries > 0 else { return nil }
    var asked = try sample()
    guard !asked.isEmpty else { return nil }
    for index in asked.indices { asked[index].answers = try search(asked[index].vector) }
    let scan = try ExactScan(
      queries: asked.flatMap(\.vector), dimensions: reader.dimensions, neighbours: Self.kept,
      excluding: asked.map(\.position), engine: engine)
    let positions = try scanAll(scan, wanted: Set(asked.flatMap(\.answers)))
    let hits = zip(asked, scan.nearest).map { query, nearest in
      // A query finds itself first, which proves nothing.
      let answers = query.answers.compactMap { positions[$0] }.filter { $0 != query.position }
      return Self.hits(answers, among: nearest)
    }
    let wanted = scan.nearest.reduce(0) { $0 + min(Self.neighbours, $1.count) }
    return SearchRecall(
      recall: wanted == 0 ? 1 : Double(hits.reduce(0, +)) / Double(wanted),
      neighbours: Self.neighbours, queries: asked.count, expected: expected)
  }

  /// Answers that are as near as the tenth true neighbour; of equal ones, each will do.
  private static func hits(_ answers: [Int], among nearest: [Neighbour]) -> Int {
    let wanted = min(neighbours, nearest.count)
    guard wanted > 0 else { return 0 }
    let worst = nearest[wanted - 1].score - 1e-6
    let good = Set(nearest.filter { $0.score >= worst }.map(\.row))
    return answers.prefix(wanted).count { good.contains($0) }
  }

  /// Vectors spread evenly over the store; zero vectors have no direction to look in.
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

  private func search(_ vector: [Float]) throws -> [UUIDValue] {
    let type = QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
    let count = Self.neighbours + 1 + min(added, 1000)
    let rows = try connection.query(
      """
      SELECT id FROM vector_ferry.similarity_search(
        \(name.user), \(name.collection), \(VectorValue(vector))::\(type),
        \(count)::int)
      """)
    let ids = try rows.map { (row) throws(PostgresError) in
      UUIDValue(bytes: try rows.value(row, 0, as: UUIDBytes.self).bytes)
    }
    return ids.compactMap(\.self)
  }

  /// Scans the files and tells at which positions the wanted documents stand.
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
