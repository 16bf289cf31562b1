internal import Digests

/// What an embedding is filed under: a hash of everything that decides about it.
struct EmbeddingKey: Hashable {
  let digest: SHA256.Digest

  /// The key of a text under these settings; the text cannot be had back from it.
  init(_ text: String, _ settings: EmbeddingSettings) throws(CryptoError) {
    let hasher = try SHA256()
    let fields = [
      settings.provider.rawValue, settings.destination, settings.model,
      settings.dimensions.map { String($0) } ?? "", text,
    ]
    for field in fields {
      // Lengths before contents: no two lists of fields run together to the same bytes.
      let length = UInt64(field.utf8.count).littleEndian
      try hasher.update(withUnsafeBytes(of: length) { Array($0) } + Array(field.utf8))
    }
    digest = try hasher.finish()
  }
}
