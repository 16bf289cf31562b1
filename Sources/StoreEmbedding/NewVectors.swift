package import Embedding
package import Ledger
package import Stores

/// The operator's decision to take the vectors of the documents from a service, instead of those in
/// the files.
package struct NewVectors: Sendable, Equatable {
  /// The service and its model.
  package let settings: EmbeddingSettings
  /// The directory of the cache.
  package let directory: String

  /// Creates the decision.
  package init(_ settings: EmbeddingSettings, directory: String) {
    self.settings = settings
    self.directory = directory
  }

  /// Finds the dimension of the model's vectors without a request: in the settings, in the cache, or
  /// among the published ones; nil where it is not known.
  package func knownDimensions() throws -> Int? {
    if let asked = settings.dimensions { return asked }
    return try Embedder.cachedProbe(settings.origin, directory: directory)?.count
      ?? settings.publishedDimensions
  }

  /// Opens the vectors of this decision for one thread.
  package func vectors(dimensions: Int) -> ServiceVectors {
    ServiceVectors(settings.origin, dimensions: dimensions, directory: directory)
  }
}

/// Counts the texts of stores for which a service would be asked.
package struct TextCount {
  private let newVectors: NewVectors
  private let cached: CachedEmbeddings?
  /// The dimension that a vector in the cache must have; nil where any counts.
  private let dimensions: Int?
  /// The keys of the texts that were counted so far.
  private var keys: Set<[UInt8]> = []
  /// The texts of all stores together.
  package private(set) var total: EmbeddingForecast

  /// Prepares the count; creates no cache.
  package init(_ newVectors: NewVectors) throws {
    self.newVectors = newVectors
    total = EmbeddingForecast(newVectors.settings)
    cached =
      EmbeddingCache.exists(in: newVectors.directory)
      ? try CachedEmbeddings(newVectors.settings.origin, directory: newVectors.directory) : nil
    dimensions = try newVectors.knownDimensions()
  }

  private func has(_ key: [UInt8]) throws -> Bool {
    guard let vector = try cached?.vector(ofKey: key[...]) else { return false }
    return dimensions.map { vector.count == $0 } ?? true
  }

  /// Counts the texts of one store; texts that an earlier store has, too, are sent only once.
  ///
  /// The refusal is that of a live run, which fails the store because of texts of white space.
  package mutating func add(
    _ reader: StoreReader, isInterrupted: () -> Bool
  ) throws -> (texts: EmbeddingForecast, refusal: Failure?) {
    var refusals = TextRefusals()
    var store = EmbeddingForecast(newVectors.settings)
    try reader.forEachDocuments(limit: BatchSize.documents) { documents in
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      for document in documents {
        if let outcome = EmbeddingOutcome.ofBlank(document.text) {
          refusals.add(outcome, of: document)
          store.add(document.text)
          total.add(document.text)
          continue
        }
        let key = try CachedEmbeddings.key(of: document.text, newVectors.settings.origin)
        let isNew = keys.insert(key).inserted
        if try !isNew || has(key) {
          store.addReused()
          total.addReused()
        } else {
          store.add(document.text)
          total.add(document.text)
        }
      }
    }
    return (store, refusals.failure)
  }
}
