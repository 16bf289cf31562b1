/// The cryptographic library refused an operation that does not depend on the data.
public struct CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried.
  public let operation: String

  /// The refusal of an operation.
  public init(operation: String) { self.operation = operation }

  /// Operation and remedy in words.
  public var description: String {
    "\(operation) failed in libcrypto; install OpenSSL 3 with its default provider"
  }
}
