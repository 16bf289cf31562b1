internal import Layouts
internal import Ledger
package import Embedding
package import Postgres
internal import OwnSchema
package import VectorIndex

/// Embeds the chunks of semantic_search that have no embedding, content by content.
///
/// Every page of chunks and every change of a state is a short transaction of its own; further
/// pages are embedded at the same time. No transaction is open while the run waits for the service.
/// After a kill at any point, the next run continues. Several runs may work at the same time.
package struct ReembeddingRun {
  /// The choices of the operator for a run.
  package struct Options: Sendable, Equatable {
    /// True where contents that failed before are tried again.
    package var retriesFailed = false
    /// The value for `model_version`; nil for the model's tag.
    package var modelVersion: String?
    /// True where the vector index is built once no content needs embeddings any more.
    package var buildsIndex = true

    /// Creates the default options: contents that have failed are not tried again, and the index is
    /// built.
    package init() {}
  }

  let options: Options
  let connection: Connection
  let watcher: Connection?
  let embedder: Embedder
  let observe: (ReembeddingEvent) -> Void
  let observeIndex: (IndexEvent) -> Void

  /// Creates a run through `connection`; `watcher` observes index builds.
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

  /// Returns the texts that a run would have to embed; calls no service and writes nothing.
  package func survey() throws -> ReembeddingSurvey {
    try survey(try ChunkSet.find(on: connection))
  }

  /// Embeds all texts that need an embedding; throws for problems found before anything is written,
  /// and puts later problems into the report.
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
      ChunkQueries.survey(
        contents: set.contents, failed: set.states.failed, retriesFailed: options.retriesFailed,
        isOpen: set.isOpen(retryingFailed: options.retriesFailed), chunks: set.table.name))
    return ReembeddingSurvey(
      contents: try row.value(0, 0), chunks: try row.value(0, 1), bytes: try row.value(0, 2),
      failedBefore: try row.value(0, 3), notEmbedded: try row.value(0, 4),
      dimensions: set.table.dimensions)
  }

  /// Checks everything that must be right before the first row is written.
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
          + "--embedding-dimensions \(set.table.dimensions) if the model can make such vectors")
    }
    try connection.execute(script: "SET application_name = 'vector-ferry reembed'")
  }

  // MARK: Filling

  private func fill(_ set: ChunkSet, _ report: inout ReembeddingReport) throws {
    let claims = ContentClaims(set, retriesFailed: options.retriesFailed, on: connection)
    let filling = ChunkFilling(
      connection: connection, set: set, model: embedder.settings.model,
      modelVersion: options.modelVersion ?? embedder.settings.modelVersion)
    // Contents are still claimed here only where an error has ended the run.
    defer { claims.releaseAll() }
    var current: ClaimedContents?
    try embedder.embedPieces { () -> (Part, [LabelledText])? in
      guard let part = try nextPart(of: &current, claims, filling) else { return nil }
      return (part, (part.page?.chunks ?? []).map { LabelledText($0.label, $0.text) })
    } finished: { part, outcomes in
      try settle(part, outcomes, claims, filling, &report)
    }
    report.left += claims.skippedContents
  }

  /// A page of contents that were claimed together; where `page` is nil, these contents have no
  /// further page.
  private struct Part {
    let contents: ClaimedContents
    let page: ChunkFilling.Page?
  }

  /// Reads the next page of the current contents, and claims further contents where there are none;
  /// nil where no contents are left.
  private func nextPart(
    of current: inout ClaimedContents?, _ claims: ContentClaims, _ filling: ChunkFilling
  ) throws -> Part? {
    guard let contents = try current ?? claims.claimNext(chunks: ChunkFilling.page) else {
      return nil
    }
    let page = try filling.page(of: contents.sources.keys, after: contents.last)
    contents.last = page?.chunks.last
    current = page == nil ? nil : contents
    return Part(contents: contents, page: page)
  }

  private func settle(
    _ part: Part, _ outcomes: [EmbeddingOutcome], _ claims: ContentClaims,
    _ filling: ChunkFilling, _ report: inout ReembeddingReport
  ) throws {
    let contents = part.contents
    guard let page = part.page else {
      // The remaining chunks of these contents were written or deleted by other sessions after the
      // previous page was read.
      let rest = ChunkFilling.Page(chunks: [], ending: contents.open.sorted())
      if !contents.open.isEmpty { try settle(rest, [], contents, filling, &report) }
      return claims.release(contents.sources.keys)
    }
    for (chunk, outcome) in zip(page.chunks, outcomes) {
      guard let reason = outcome.obstacle else { continue }
      contents.reasons[chunk.content] =
        contents.reasons[chunk.content] ?? "\(chunk.label): \(reason)"
    }
    try settle(page, outcomes, contents, filling, &report)
    contents.open.subtract(page.ending)
    observe(.progress(chunks: page.chunks.count))
  }

  /// Writes a page, and adds the results of the contents whose last chunk is in the page to the
  /// report.
  private func settle(
    _ page: ChunkFilling.Page, _ outcomes: [EmbeddingOutcome], _ contents: ClaimedContents,
    _ filling: ChunkFilling, _ report: inout ReembeddingReport
  ) throws {
    let reasons = contents.reasons
    let ended = try write(outcomes, page, reasons, filling)
    report.chunks += ended.written
    report.completed += ended.completed
    report.left += ended.left
    for content in page.ending {
      guard let reason = reasons[content], let source = contents.sources[content] else { continue }
      let failed = ReembeddingReport.FailedContent(id: content, source: source, reason: reason)
      report.failed.append(failed)
      observe(.failed(failed))
    }
  }

  /// Writes a page in one transaction: a content's last embeddings are committed together with its
  /// state, so that a killed run cannot leave a content with all embeddings and a wrong state.
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
      let removals = try RowRemovals(on: connection)
      let written = try filling.write(vectors)
      for content in page.ending {
        if let reason = reasons[content] { try filling.fail(content, reason) }
      }
      let completed = try filling.complete(whole)
      try removals.refuseAny(
        writingTo: "vector_embedding and indexed_content", remedy: "run again to continue")
      return (written, completed, whole.count - completed)
    }
  }

  // MARK: The index

  /// Builds the set's index in its usual form once no content needs embeddings; never throws,
  /// because the embeddings are already committed.
  private func buildIndex(_ set: ChunkSet) -> IndexResult {
    do {
      let waiting: Bool? = try connection.scalar(
        """
        SELECT EXISTS (SELECT FROM \(set.contents) c
                       WHERE \(set.isOpen(retryingFailed: false)))
        """)
      if waiting == true { return .none(reason: "other contents still need embeddings") }
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
          remedy: "the embeddings are complete; run reembed again to build the index"))
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
