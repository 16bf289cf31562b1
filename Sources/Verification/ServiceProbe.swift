internal import Digests
internal import Embedding
internal import Layouts
internal import Ledger
internal import Models
internal import OwnSchema
internal import Postgres
internal import Stores
internal import Unlisted
internal import VectorMath

/// Asks the service that made a store's vectors for some of them again, and compares them with those
/// in the table.
struct ServiceProbe {
  let connection: Connection
  let table: VectorTable
  let recorded: RecordedStore
  let reader: StoreReader
  let embedder: Embedder
  /// The number of texts that are sent to the service.
  let texts: Int
  let isInterrupted: @Sendable () -> Bool

  /// The cosine distance that is accepted of every service: answers depend a little on the other
  /// texts of a request, also where the same request is answered the same way.
  private static let least = 1e-4
  /// The accepted distance, as a multiple of the distance between two answers to one text.
  private static let factor = 10.0

  /// Compares the sample; nil where the store has no documents.
  ///
  /// No transaction is open while the service is waited for.
  func measure(_ reducer: inout Reducer) throws -> ServiceSample? {
    let documents = try sample()
    guard !documents.isEmpty else { return nil }
    let outcomes = try embedder.embed(documents.map(Self.labelled))
    let repeats = try repeatedDistance(documents, outcomes)
    let accepted = max(Self.least, Self.factor * (repeats ?? 0))
    var answered: [(document: Document, vector: [Float])] = []
    for (document, outcome) in zip(documents, outcomes) {
      guard case .vector(let vector) = outcome else { continue }
      guard vector.count == reader.dimensions else {
        throw Failure(
          .verification,
          "the service answers vectors of \(vector.count) dimensions, and the store was made of "
            + "vectors of \(reader.dimensions)",
          remedy: "another model answers under this name: migrate the store again with --reembed")
      }
      answered.append((document, try reducer.withReduced(vector, count: 1) { Array($0) }))
    }
    let distances = try distances(answered)
    return ServiceSample(
      texts: documents.count, answered: answered.count, compared: distances.count,
      differing: distances.count { $0 > accepted }, farthest: distances.max(),
      repeats: repeats, accepted: accepted, obstacle: outcomes.lazy.compactMap(\.obstacle).first)
  }

  /// Asks for one text once more, which shows how well the service repeats itself: the first that
  /// has a vector; nil where none has, or where it has none the second time.
  private func repeatedDistance(_ documents: [Document], _ outcomes: [EmbeddingOutcome]) throws
    -> Double?
  {
    for (document, outcome) in zip(documents, outcomes) {
      guard case .vector(let one) = outcome else { continue }
      let again = try embedder.embed([Self.labelled(document)])
      guard case .vector(let other) = again[0] else { return nil }
      return Self.distance(one, other)
    }
    return nil
  }

  private static func labelled(_ document: Document) -> LabelledText {
    LabelledText("document \(document.position)", document.text)
  }

  /// Returns documents spread evenly over the store.
  private func sample() throws -> [Document] {
    let positions = Set(Fidelity.sample(of: reader.documentCount, count: texts))
    var found: [Document] = []
    try reader.forEachDocuments(limit: BatchSize.documents) { documents in
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      found += documents.filter { positions.contains($0.position) }
    }
    return found
  }

  /// Returns the cosine distances of vectors from those in the table; a row that is missing has
  /// none, and a vector of only zeros has none either.
  private func distances(_ answered: [(document: Document, vector: [Float])]) throws -> [Double] {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: recorded.name.user, on: connection)
      let rows = try AdoptedRows(
        connection: connection, table: table, name: recorded.name, store: recorded.id
      ).byOwnID()
      let schema = try FerrySchema.vectorSchema(on: connection)
      let type = QualifiedName(schema: schema, "vector")
      return try answered.compactMap { document, vector in
        let id = (rows[document.id] ?? document.id).description
        let distance: Double? = try connection.scalar(
          """
          SELECT t.embedding OPERATOR(\(schema).<=>) \(VectorValue(vector))::\(type)
          FROM \(table.rows) t WHERE t.id = \(id)::uuid AND t.text = \(document.text)
          """)
        return distance.flatMap { $0.isNaN ? nil : $0 }
      }
    }
  }

  /// Computes the cosine distance of two vectors.
  private static func distance(_ one: [Float], _ other: [Float]) -> Double {
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    guard one.count == other.count else { return 1 }
    let lengths = (product(one, one) * product(other, other)).squareRoot()
    return lengths > 0 ? max(0, 1 - product(one, other) / lengths) : 1
  }
}
