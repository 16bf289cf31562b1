internal import Digests

/// The SHA-256 of a migration's text with normalised line endings; moving the file does not change
/// it.
package struct Checksum: Sendable, Hashable, CustomStringConvertible {
  /// The 64 hexadecimal digits in lower case.
  package let description: String

  /// Creates a checksum from the digits that the ledger has stored.
  package init(recorded text: String) { description = text }

  /// Creates the checksum of a text that `MigrationText` has normalised.
  package init(of bytes: [UInt8]) {
    // Fails only where the library has no SHA-256 at all, which every build of OpenSSL has.
    guard let digest = try? SHA256.digest(of: bytes) else { preconditionFailure("no SHA-256") }
    description = digest.description
  }

  /// The first 12 digits, for lists.
  package var short: String { String(description.prefix(12)) }
}
