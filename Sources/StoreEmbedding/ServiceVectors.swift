package import Embedding
package import Ledger
package import Stores

/// The vectors that a service has made of a store's texts, as the cache holds them.
package final class ServiceVectors: TextVectors {
  package let dimensions: Int
  /// True where a plan needs the documents alone: each missing vector then counts as one of zeros.
  package var standsInForMissing = false
  private let source: EmbeddingOrigin
  private let directory: String
  /// The cache; nil until a vector is looked for, and where there is no cache.
  private var cached: CachedEmbeddings?

  /// Creates the vectors of an origin in the cache of a directory; a missing cache has no vectors,
  /// and is not created.
  package init(_ origin: EmbeddingOrigin, dimensions: Int, directory: String) {
    source = origin
    self.dimensions = dimensions
    self.directory = directory
  }

  package var origin: String { source.words }
  package var keyBytes: Int { CachedEmbeddings.keyBytes }

  package func key(of text: String) throws -> [UInt8] {
    try CachedEmbeddings.key(of: text, source)
  }

  package func vector(ofKey key: ArraySlice<UInt8>) throws -> [Float]? {
    if cached == nil, EmbeddingCache.exists(in: directory) {
      cached = try CachedEmbeddings(source, directory: directory)
    }
    let found = try cached?.vector(ofKey: key)
    // A vector of another dimension is another model's.
    return found.flatMap { $0.count == dimensions ? $0 : nil }
      ?? (standsInForMissing ? [Float](repeating: 0, count: dimensions) : nil)
  }
}

extension RecordedSettings {
  /// Returns the vectors that took the place of those in the files when the store was written; nil
  /// where the vectors of the files were written.
  ///
  /// - Parameters:
  ///   - dimensions: how many numbers the vectors had before any reduction; nil where the ledger does
  ///     not say it.
  ///   - directory: the directory of the cache.
  package func textVectors(dimensions: Int?, directory: String) throws -> (any TextVectors)? {
    if let unknown = unknownEmbedding {
      throw Failure(
        .source, "the store's vectors were made by \(unknown), which this program does not know",
        remedy: "use the version of vector-ferry that has written the store")
    }
    guard let embedding else { return nil }
    let known =
      try dimensions ?? embedding.dimensions
      ?? Embedder.cachedProbe(embedding, directory: directory)?.count
    guard let known else {
      throw Failure(
        .source,
        "the cache of embeddings in \(directory) has no vectors of \(embedding.words)",
        remedy: "put the file embeddings.sqlite of that time back, or migrate the store again")
    }
    return ServiceVectors(embedding, dimensions: known, directory: directory)
  }
}

extension RecordedStore {
  /// Returns the vectors that took the place of those in the files when the store was written; nil
  /// where the vectors of the files were written.
  package func textVectors(in directory: String) throws -> (any TextVectors)? {
    try settings.textVectors(dimensions: sourceDimensions, directory: directory)
  }
}
