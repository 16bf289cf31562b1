internal import CCrypto

/// SHA-256 of a migration's text, line endings made equal; where the file lies does not matter.
public struct Checksum: Sendable, Hashable, CustomStringConvertible {
  /// 64 hexadecimal digits in lower case.
  public let description: String

  /// A checksum read from the ledger.
  init(recorded text: String) { description = text }

  /// The checksum of a text that `MigrationText` has normalised.
  init(of bytes: [UInt8]) {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    // Fails only where the library has no SHA-256 at all, which no build of OpenSSL lacks.
    precondition(
      EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1, "no SHA-256")
    description = digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }

  /// The first digits, enough for people.
  public var short: String { String(description.prefix(12)) }
}
