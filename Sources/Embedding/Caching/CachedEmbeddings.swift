internal import Digests

/// The vectors of one origin in the cache, for documents; no service is called.
///
/// Only one thread at a time may use them.
public final class CachedEmbeddings {
  /// The service and the model that made the vectors.
  public let origin: EmbeddingOrigin
  /// The number of bytes of each key.
  public static let keyBytes = 32
  private let cache: EmbeddingCache

  /// Opens the cache of a directory for reading; creates nothing beside it.
  public init(_ origin: EmbeddingOrigin, directory: String) throws(EmbeddingError) {
    self.origin = origin
    cache = try EmbeddingCache(reading: directory)
  }

  /// Returns the key of a text, from which the text cannot be recovered.
  public func key(of text: String) throws -> [UInt8] { try Self.key(of: text, origin) }

  /// Returns the key of a text, from which the text cannot be recovered.
  public static func key(of text: String, _ origin: EmbeddingOrigin) throws -> [UInt8] {
    try EmbeddingKey(text, origin).digest.bytes
  }

  /// Returns the vector of the text with this key; nil where the cache has none that can be used.
  public func vector(ofKey key: ArraySlice<UInt8>) throws(EmbeddingError) -> [Float]? {
    guard let digest = SHA256.Digest(Array(key)) else { return nil }
    let vector = try cache.vector(EmbeddingKey(digest: digest))
    return vector.flatMap { VectorFault.words($0) == nil ? $0 : nil }
  }

  /// Returns the vector of a text; nil where the cache has none that can be used.
  public func vector(of text: String) throws -> [Float]? {
    try vector(ofKey: try key(of: text)[...])
  }
}
