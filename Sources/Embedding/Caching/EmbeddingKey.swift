internal import Digests

/// The key of a cached embedding: a hash of everything that determines the embedding.
struct EmbeddingKey: Hashable {
  let digest: SHA256.Digest

  /// Creates a key from its digest.
  init(digest: SHA256.Digest) { self.digest = digest }

  /// Creates the key of a text's vector of this origin; the text cannot be recovered from the key.
  ///
  /// The purpose is part of the key where the service makes other vectors for it; so the keys of
  /// the other services are those of versions that knew no purpose.
  init(
    _ text: String, as purpose: EmbeddingPurpose = .document, _ origin: EmbeddingOrigin
  ) throws(CryptoError) {
    let hasher = try SHA256()
    let fields = [
      origin.provider.rawValue, origin.destination, origin.model,
      origin.dimensions.map { String($0) } ?? "", text,
    ]
    let last = origin.provider.distinguishesPurposes ? [purpose.rawValue] : []
    for field in fields + last {
      // Each length is hashed before its contents, so that two lists of fields never give the same
      // bytes.
      let length = UInt64(field.utf8.count).littleEndian
      try hasher.update(withUnsafeBytes(of: length) { Array($0) } + Array(field.utf8))
    }
    digest = try hasher.finish()
  }
}
