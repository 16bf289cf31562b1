internal import Ledger
internal import Embedding
internal import Postgres

/// Fills the new column with embeddings of the rows' texts.
///
/// No transaction is open while the service is called. A vector is only written where the text has
/// not changed since it was embedded, and where the row has no new vector yet.
struct TextBackfill: Backfill {
  let connection: Connection
  let column: VectorColumn
  let target: Identifier
  let text: TextColumn
  let vector: QualifiedName
  /// The value by which the trigger recognises this session (`ChangeRecords.claim`).
  let filler: String
  let embedder: Embedder
  let hooks: StageHooks
  let observe: (DimensionEvent) -> Void
  var lastBatchLimit = Self.largestLastBatch

  /// The last key that was read; nil where reading begins again at the first key.
  var cursor: String?
  private var refusals: [Refusal] = []

  /// The smallest number of texts that are read, embedded and written together.
  private static let page = 128
  /// The greatest number of rows that are embedded while the application cannot write.
  private static let largestLastBatch = 64
  /// The seconds that writers may have to wait for the embeddings of the last rows.
  static let longestPause = 3.0
  /// The number of refused texts after which no more texts are sent.
  private static let mostRefusals = 20

  private static let made = QualifiedName(schema: "pg_temp", "vector_ferry_embedded")
  private static let picked = QualifiedName(schema: "pg_temp", "vector_ferry_picked")

  /// A row whose text is embedded.
  struct Row {
    let key: String
    let text: String?
    let digest: ByteString?

    /// The row's text with the name of the row; a null becomes an empty text, which the service
    /// refuses.
    var labelled: LabelledText { LabelledText("row \(key)", text ?? "") }
  }

  struct Refusal {
    let row: Row
    let reason: String
  }

  init(
    _ change: ChangeRecord, _ text: TextColumn, filler: String, vector: QualifiedName,
    embedder: Embedder, hooks: StageHooks, observe: @escaping (DimensionEvent) -> Void,
    on connection: Connection
  ) {
    self.connection = connection
    self.text = text
    self.filler = filler
    self.vector = vector
    self.embedder = embedder
    self.hooks = hooks
    self.observe = observe
    column = text.column
    target = text.column.otherColumn(change.to)
  }

  func prepare() throws {
    let key = SQL(script: column.keyType)
    try connection.execute(script: BackfillQueries.makeTextTables(keyType: key, vector: vector))
  }

  mutating func fillSome(beforeCommit: () -> Void) throws -> BackfillStep {
    let size = max(Self.page, embedder.textsAtOnce)
    let rows = try page(limit: size)
    var step = BackfillStep(isLast: rows.count < size)
    cursor = step.isLast ? nil : rows.last?.key
    if !rows.isEmpty {
      let vectors = try sort(rows, try embedder.embed(rows.map(\.labelled)))
      hooks.reached(.changeEmbedded)
      step.filled = try connection.transaction {
        let written = try write(vectors)
        beforeCommit()
        return written
      }
    }
    if step.isLast || refusals.count >= Self.mostRefusals { try checkRefusals() }
    return step
  }

  /// Reads the next rows without a new vector, in the order of their keys.
  func page(limit: Int) throws(PostgresError) -> [Row] {
    let next: SQL =
      cursor.map { "AND t.\(column.key) > \($0)::text::\(SQL(script: column.keyType))" } ?? ""
    let rows = try connection.query(
      """
      SELECT t.\(column.key)::text, t.\(text.name)::text, \(text.digest)
      FROM \(column.sql) t WHERE \(waiting) \(next) ORDER BY t.\(column.key) LIMIT \(limit)
      """)
    return try rows.map { (row) throws(PostgresError) in
      Row(
        key: try rows.value(row, 0), text: try rows.optional(row, 1),
        digest: try rows.optional(row, 2))
    }
  }

  /// Keeps the refused rows for later, and returns the other rows with their vectors.
  mutating func sort(_ rows: [Row], _ outcomes: [EmbeddingOutcome]) throws
    -> [(row: Row, vector: [Float])]
  {
    var vectors: [(row: Row, vector: [Float])] = []
    for (row, outcome) in zip(rows, outcomes) {
      switch outcome {
      case .vector(let vector): vectors.append((row, vector))
      case .refused(let reason), .unusable(let reason):
        refusals.append(Refusal(row: row, reason: reason))
      }
    }
    return vectors
  }

  /// Writes vectors in the open transaction; returns the number of vectors that were written.
  func write(_ vectors: [(row: Row, vector: [Float])]) throws -> Int {
    guard !vectors.isEmpty else { return 0 }
    try connection.query("SELECT set_config('vector_ferry.filling', \(filler), true)")
    let rows = vectors.map { row, vector -> SQL in
      """
      (\(row.key)::text::\(SQL(script: column.keyType)), \(row.digest),
       \(VectorValue(vector))::\(self.vector))
      """
    }
    try connection.query("INSERT INTO \(Self.made) VALUES \(SQL.joined(rows, separator: ", "))")
    let picked = try connection.query(
      """
      INSERT INTO \(Self.picked) SELECT t.\(column.key)
      FROM \(column.sql) t JOIN \(Self.made) m ON t.\(column.key) = m.key
      WHERE \(waiting) AND \(text.digest) = m.digest FOR NO KEY UPDATE OF t SKIP LOCKED
      """
    ).affectedRows
    let removals = try RowRemovals(on: connection)
    let filled = try connection.asApplication {
      try connection.query(
        """
        UPDATE \(column.sql) t SET \(target) = m.embedding
        FROM \(Self.picked) p JOIN \(Self.made) m ON m.key OPERATOR(pg_catalog.=) p.key
        WHERE t.\(column.key) OPERATOR(pg_catalog.=) p.key
        """
      ).affectedRows
    }
    guard filled == picked else {
      throw Failure(
        .database, "\(picked) rows of \(column.table) should have been filled, but \(filled) were",
        remedy: "look for rules on the table; run again to continue")
    }
    try removals.refuseAny(writingTo: column.table, remedy: ColumnBackfill.remedy)
    return filled
  }

  // MARK: Refusals

  /// Throws where the table still contains a text that the service has refused.
  mutating func checkRefusals() throws {
    defer { refusals = [] }
    var remaining: [Refusal] = []
    for refusal in refusals where try isStillRefused(refusal) { remaining.append(refusal) }
    guard let first = remaining.first else { return }
    for refusal in remaining { observe(.refused(key: refusal.row.key, reason: refusal.reason)) }
    let others = remaining.count > 1 ? ", and \(remaining.count - 1) more" : ""
    throw Failure(
      .database,
      "row \(first.row.key) of \(column.table) cannot be embedded: \(first.reason)\(others)",
      remedy:
        "change or delete these rows and run again to continue, or undo the change "
        + "(dimensions undo); embeddings that were paid for are kept"
    )
  }

  private func isStillRefused(_ refusal: Refusal) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (SELECT FROM \(column.sql) t
        WHERE t.\(column.key) = \(refusal.row.key)::text::\(SQL(script: column.keyType))
          AND \(waiting) AND \(text.digest) IS NOT DISTINCT FROM \(refusal.row.digest))
      """) ?? false
  }
}
