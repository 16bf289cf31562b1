internal import Layouts
internal import Ledger
package import Embedding
package import Postgres
internal import OwnSchema
package import VectorIndex

/// Gives the chunks of semantic_search that have no embedding one, content by content.
///
/// Every page of chunks and every state is a short transaction of its own; nothing is locked while
/// the service is asked. Killed at any point, the next run goes on. Several may run at once.
package struct ReembeddingRun {
  /// How it is done.
  package struct Options: Sendable, Equatable {
    /// Tries contents again that failed before.
    package var retriesFailed = false
    /// What `model_version` is to say; nil for the model's tag.
    package var modelVersion: String?
    /// Builds the vector index when no chunk waits any more.
    package var buildsIndex = true

    /// Only what waits, index and all.
    package init() {}
  }

  let options: Options
  let connection: Connection
  let watcher: Connection?
  let embedder: Embedder
  let observe: (ReembeddingEvent) -> Void
  let observeIndex: (IndexEvent) -> Void

  /// A run through `connection`; index builds are followed from `watcher`.
  package init(
    _ options: Options, connection: Connection, watcher: Connection?, embedder: Embedder,
    observe: @escaping (ReembeddingEvent) -> Void = { _ in },
    observeIndex: @escaping (IndexEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.connection = connection
    self.watcher = watcher
    self.embedder = embedder
    self.observe = observe
    self.observeIndex = observeIndex
  }

  /// What a run would have to do; asks no service and writes nothing.
  package func survey() throws -> ReembeddingSurvey {
    try survey(try ChunkSet.find(on: connection))
  }

  /// Embeds what waits; throws what stands against it with nothing touched, and tells everything
  /// later in the report.
  package func run() throws -> ReembeddingReport {
    let set = try ChunkSet.find(on: connection)
    var report = ReembeddingReport(survey: try survey(set))
    if report.survey.chunks > 0 {
      try check(set)
      observe(.beginning(report.survey))
      do {
        try fill(set, &report)
      } catch {
        report.obstacle = Failure(error)
      }
    }
    report.usage = embedder.usage
    if report.obstacle == nil, options.buildsIndex {
      report.index = buildIndex(set)
      if case .failed(let failure) = report.index { report.obstacle = failure }
    }
    return report
  }

  private func survey(_ set: ChunkSet) throws(PostgresError) -> ReembeddingSurvey {
    let row = try connection.query(
      """
      SELECT count(DISTINCT c.id), count(e.id), coalesce(sum(octet_length(e.chunk_text)), 0)::bigint,
             (SELECT count(*) FROM \(set.contents) f
              WHERE f.status::text = \(set.states.failed) AND NOT \(options.retriesFailed)),
             (SELECT count(*) FROM \(set.contents) c
              WHERE c.status::text <> \(set.states.failed)
                AND NOT (\(set.isOpen(retryingFailed: options.retriesFailed)))
                AND (SELECT count(*) FILTER (WHERE x.embedding IS NULL) > 0 OR count(*) = 0
                     FROM \(set.table.name) x WHERE x.content_id = c.id))
      FROM \(set.contents) c JOIN \(set.table.name) e ON e.content_id = c.id
      WHERE e.embedding IS NULL AND \(set.isOpen(retryingFailed: options.retriesFailed))
      """)
    return ReembeddingSurvey(
      contents: try row.value(0, 0), chunks: try row.value(0, 1), bytes: try row.value(0, 2),
      failedBefore: try row.value(0, 3), notEmbedded: try row.value(0, 4),
      dimensions: set.table.dimensions)
  }

  /// Everything that must be right before the first row is touched.
  private func check(_ set: ChunkSet) throws {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    guard pid == connection.backendPID else {
      throw Failure(
        .preflight,
        "the connection goes through a pooler, where the locks on contents may be lost",
        remedy: "connect to the server itself")
    }
    let model = embedder.settings.model
    if let other = try set.otherModel(than: model, on: connection) {
      throw Failure(
        .preflight,
        "the set holds embeddings of the model \(other), which \(model) would be mixed with",
        remedy: "name that model with --model, or set all embeddings to null first")
    }
    let dimensions = try embedder.dimensions()
    guard dimensions == set.table.dimensions else {
      throw Failure(
        .preflight,
        "\(model) makes vectors of \(dimensions) dimensions, the column takes "
          + "\(set.table.dimensions)",
        remedy: "name a model of \(set.table.dimensions) dimensions, or give "
          + "--embedding-dimensions \(set.table.dimensions) where it can make them")
    }
    try connection.execute(script: "SET application_name = 'vector-ferry reembed'")
  }

  // MARK: Filling

  private func fill(_ set: ChunkSet, _ report: inout ReembeddingReport) throws {
    let claims = ContentClaims(set, retriesFailed: options.retriesFailed, on: connection)
    let filling = ChunkFilling(
      connection: connection, set: set, model: embedder.settings.model,
      modelVersion: options.modelVersion ?? embedder.settings.modelVersion)
    do {
      while try claims.claimNext(chunks: ChunkFilling.page) {
        try fill(claims, filling, &report)
        claims.release()
      }
    } catch {
      claims.release()
      throw error
    }
    report.left += claims.passedOver
  }

  private func fill(
    _ claims: ContentClaims, _ filling: ChunkFilling, _ report: inout ReembeddingReport
  ) throws {
    var reasons: [Int: String] = [:]
    var open = Set(claims.claimed.keys)
    var last: ChunkFilling.Chunk?
    while let page = try filling.page(of: claims.claimed.keys, after: last) {
      last = page.chunks.last
      let outcomes = try embedder.embed(page.chunks.map { LabelledText($0.label, $0.text) })
      for case (let chunk, .refused(let reason)) in zip(page.chunks, outcomes) {
        reasons[chunk.content] = reasons[chunk.content] ?? "\(chunk.label): \(reason)"
      }
      try settle(page, outcomes, reasons, claims, filling, &report)
      open.subtract(page.ending)
      observe(.progress(chunks: page.chunks.count))
    }
    // The last chunks of these were written or taken away by others, after a page had promised them.
    let rest = ChunkFilling.Page(chunks: [], ending: open.sorted())
    if !open.isEmpty { try settle(rest, [], reasons, claims, filling, &report) }
  }

  /// Writes a page, and notes what has become of the contents that end with it.
  private func settle(
    _ page: ChunkFilling.Page, _ outcomes: [EmbeddingOutcome], _ reasons: [Int: String],
    _ claims: ContentClaims, _ filling: ChunkFilling, _ report: inout ReembeddingReport
  ) throws {
    let ended = try write(outcomes, page, reasons, filling)
    report.chunks += ended.written
    report.completed += ended.completed
    report.left += ended.left
    for content in page.ending {
      guard let reason = reasons[content], let source = claims.claimed[content] else { continue }
      let failed = ReembeddingReport.FailedContent(id: content, source: source, reason: reason)
      report.failed.append(failed)
      observe(.failed(failed))
    }
  }

  /// Writes a page in one transaction: a content's last embeddings are there together with its
  /// state, so that a killed run leaves none that is whole and says that it is not.
  private func write(
    _ outcomes: [EmbeddingOutcome], _ page: ChunkFilling.Page, _ reasons: [Int: String],
    _ filling: ChunkFilling
  ) throws -> (written: Int, completed: Int, left: Int) {
    var vectors: [(chunk: ChunkFilling.Chunk, vector: [Float])] = []
    for case (let chunk, .vector(let vector)) in zip(page.chunks, outcomes) {
      vectors.append((chunk, vector))
    }
    let whole = page.ending.filter { reasons[$0] == nil }
    return try connection.transaction {
      let written = try filling.write(vectors)
      for content in page.ending {
        if let reason = reasons[content] { try filling.fail(content, reason) }
      }
      let completed = try filling.complete(whole)
      return (written, completed, whole.count - completed)
    }
  }

  // MARK: The index

  /// Builds the set's index of the form that it has, when nothing waits any more; never throws,
  /// because the embeddings are committed.
  private func buildIndex(_ set: ChunkSet) -> IndexResult {
    do {
      let waiting: Bool? = try connection.scalar(
        """
        SELECT EXISTS (SELECT FROM \(set.contents) c
                       WHERE \(set.isOpen(retryingFailed: false)))
        """)
      if waiting == true { return .none(reason: "other contents still wait for embeddings") }
      var request = BuildRequest()
      let rows: Int? = try connection.scalar(
        "SELECT count(*) FROM \(set.table.name) WHERE embedding IS NOT NULL")
      if let rows, rows >= BuildRequest.smallestTable {
        request.method = set.prefersGraph ? .hnsw : .ivfflat
        request.name =
          set.prefersGraph
          ? "idx_vector_embedding_hnsw" : "idx_vector_embedding_similarity"
      }
      return try build(request, set)
    } catch let taken as IndexLockTaken {
      return .leftToAnother(taken.description)
    } catch let quicker as IndexBuiltMeanwhile {
      return .exists(quicker.index)
    } catch {
      let cause = Failure(error)
      return .failed(
        Failure(
          cause.kind == .interrupted ? .interrupted : .database, cause.reason,
          remedy: "the embeddings are there; run reembed again for the index"))
    }
  }

  private func build(_ request: BuildRequest, _ set: ChunkSet) throws -> IndexResult {
    let own = [connection.backendPID, watcher?.backendPID].compactMap { $0 }
    let decision: BuildDecision
    do {
      decision = try BuildDecision.make(request, table: set.table, on: connection, ignoring: own)
    } catch let error as SchemaError {
      return .none(reason: error.description)
    }
    switch decision {
    case .none(let reason): return .none(reason: reason)
    case .exists(let index): return .exists(index)
    case .build(let plan):
      let build = IndexBuild(plan, on: connection, watcher: watcher, observe: observeIndex)
      return .built(plan, try build.run())
    }
  }
}
