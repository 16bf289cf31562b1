internal import CCrypto

/// Computes the SHA-256 of bytes that are added one part after the other.
public final class SHA256 {
  /// The result of SHA-256: 32 bytes.
  public struct Digest: Hashable, Sendable, CustomStringConvertible {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Creates the digest with these bytes; nil where the number of bytes is not 32.
    public init?(_ bytes: [UInt8]) {
      guard bytes.count == 32 else { return nil }
      words = bytes.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// Creates the digest from 64 hexadecimal digits; nil for any other text.
    public init?(hexadecimal text: some StringProtocol) {
      guard let bytes = Hexadecimal.decode(text.utf8) else { return nil }
      self.init(bytes)
    }

    /// The bytes in order.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// The bytes as 64 lower-case hexadecimal digits.
    public var description: String { Hexadecimal.encode(bytes) }

    /// Returns true where both digests have the same bytes.
    public static func == (first: Digest, second: Digest) -> Bool { first.words == second.words }

    /// Passes a part of the digest to the hasher, because any part is as random as the whole.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
  }

  private let context: OpaquePointer

  /// Creates a hasher without data.
  public init() throws(CryptoError) {
    guard let context = EVP_MD_CTX_new() else { throw CryptoError(operation: "SHA-256") }
    self.context = context
    try restart()
  }

  deinit { EVP_MD_CTX_free(context) }

  private func restart() throws(CryptoError) {
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw CryptoError(operation: "SHA-256")
    }
  }

  /// Adds bytes to the data that are hashed.
  public func update(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      throw CryptoError(operation: "SHA-256")
    }
  }

  /// Adds bytes to the data that are hashed.
  public func update(_ bytes: [UInt8]) throws(CryptoError) {
    let isUpdated = bytes.withUnsafeBytes {
      EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1
    }
    if !isUpdated { throw CryptoError(operation: "SHA-256") }
  }

  /// Returns the digest of all bytes that were added; the hasher then starts again without data.
  public func finish() throws(CryptoError) -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &bytes, nil) == 1, let digest = Digest(bytes) else {
      throw CryptoError(operation: "SHA-256")
    }
    try restart()
    return digest
  }

  /// Computes the digest of bytes that are in memory.
  public static func digest(of bytes: [UInt8]) throws(CryptoError) -> Digest {
    let hasher = try SHA256()
    try hasher.update(bytes)
    return try hasher.finish()
  }
}
