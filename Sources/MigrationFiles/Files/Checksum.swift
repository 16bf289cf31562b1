internal import Digests

/// SHA-256 of a migration's text, line endings made equal; where the file lies does not matter.
package struct Checksum: Sendable, Hashable, CustomStringConvertible {
  /// 64 hexadecimal digits in lower case.
  package let description: String

  /// A checksum read from the ledger.
  package init(recorded text: String) { description = text }

  /// The checksum of a text that `MigrationText` has normalised.
  package init(of bytes: [UInt8]) {
    // Fails only where the library has no SHA-256 at all, which no build of OpenSSL lacks.
    guard let digest = try? SHA256.digest(of: bytes) else { preconditionFailure("no SHA-256") }
    description = digest.description
  }

  /// The first digits, enough for people.
  package var short: String { String(description.prefix(12)) }
}
