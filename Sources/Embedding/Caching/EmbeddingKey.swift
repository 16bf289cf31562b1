internal import Digests

/// The key of a cached embedding: a hash of everything that determines the embedding.
struct EmbeddingKey: Hashable {
  let digest: SHA256.Digest

  /// Creates the key of a text under these settings; the text cannot be recovered from the key.
  init(_ text: String, _ settings: EmbeddingSettings) throws(CryptoError) {
    let hasher = try SHA256()
    let fields = [
      settings.provider.rawValue, settings.destination, settings.model,
      settings.dimensions.map { String($0) } ?? "", text,
    ]
    for field in fields {
      // Each length is hashed before its contents, so that two lists of fields never give the same
      // bytes.
      let length = UInt64(field.utf8.count).littleEndian
      try hasher.update(withUnsafeBytes(of: length) { Array($0) } + Array(field.utf8))
    }
    digest = try hasher.finish()
  }
}
