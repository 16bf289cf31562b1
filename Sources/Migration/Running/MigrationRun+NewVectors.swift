internal import Embedding
internal import Ledger
internal import StoreEmbedding
internal import Stores
internal import Synchronization

extension MigrationRun {
  /// Finds the dimension of the vectors that a service makes.
  ///
  /// A live run asks the service for the vector of one word, unless the cache has it: this also
  /// shows that service, key and model are right. A dry run sends nothing.
  func findNewDimensions() throws {
    guard let new = options.newVectors else { return }
    let dimensions: Int
    if options.mode == .live {
      let embedder = try embedder(for: new)
      dimensions = try embedder.dimensions()
      let requests = embedder.requests
      firstRequest.withLock { $0 = requests }
    } else if let known = try new.knownDimensions() {
      dimensions = known
    } else {
      throw Failure(
        .preflight,
        "the dimension of the vectors of \(new.settings.origin.words) is not known, and a dry run "
          + "sends nothing to a service",
        remedy: "give --embedding-dimensions N")
    }
    newDimensions.withLock { $0 = dimensions }
  }

  /// Opens the vectors that a service makes in place of those in the files, for one thread; nil
  /// where the vectors of the files are used.
  func newVectors() -> ServiceVectors? {
    guard let new = options.newVectors, let dimensions = newDimensions.withLock({ $0 }) else {
      return nil
    }
    return new.vectors(dimensions: dimensions)
  }

  private func embedder(for new: NewVectors) throws -> Embedder {
    Embedder(
      new.settings, cache: try EmbeddingCache(directory: new.directory),
      isInterrupted: isInterrupted, observe: { [self] in observe(.embedding($0)) })
  }

  /// Fetches into the cache the vectors of all texts that the run will write, before any
  /// transaction begins; nil where the vectors of the files are used.
  func fetchVectors(for plan: MigrationPlan, copies: StoreCopies) throws -> TextFetch.Outcome? {
    guard let new = options.newVectors else { return nil }
    var stores: [TextFetch.Store] = []
    var texts = 0
    for store in plan.toMigrate {
      if case .failure = copies[store.name] { continue }
      let folder = (try? copies[store.name]?.get()) ?? store.store.path
      texts += store.contents?.documents ?? 0
      stores.append(
        TextFetch.Store(store.name) { [options, keys] in
          try StoreReader(
            directory: folder, store: store.store, keys: keys, options: options.reading)
        })
    }
    guard !stores.isEmpty else { return nil }
    observe(.fetchStarted(texts: texts))
    let embedder = try embedder(for: new)
    if let earlier = firstRequest.withLock({ $0 }) { embedder.goOn(after: earlier) }
    let fetch = TextFetch(
      embedder, isInterrupted: isInterrupted,
      progress: { [self] in
        observe(.fetchProgress(texts: $0, $1))
        hooks.reached(.fetching)
      })
    let outcome = try timings.measure(.fetching) { try fetch.run(stores) }
    hooks.reached(.fetched)
    observe(.fetchEnded(outcome.usage, failedStores: outcome.failures.count))
    return outcome
  }

  /// Compares a store's new vectors with those in its files; nil where the vectors of the files are
  /// used, or cannot be compared.
  func overlap(of store: PlannedStore, reader: StoreReader, backup: String?) throws
    -> RankingOverlap?
  {
    guard options.newVectors != nil else { return nil }
    let old: StoreReader
    do {
      old = try StoreReader(
        directory: backup ?? store.store.path, store: store.store, keys: keys,
        options: options.reading)
    } catch {
      return nil
    }
    let overlap = try RankingOverlap(
      old: old.vectors, new: reader.vectors, engine: mathEngine(), isInterrupted: isInterrupted)
    if let overlap { observe(.overlapMeasured(store.name, overlap)) }
    return overlap
  }
}
