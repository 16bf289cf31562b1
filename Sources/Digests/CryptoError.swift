/// The error of the cryptographic library where an operation failed that should work with any data.
public struct CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The operation that failed.
  public let operation: String

  /// Creates an error for an operation.
  public init(operation: String) { self.operation = operation }

  /// The operation and the remedy in words.
  public var description: String {
    "\(operation) failed in libcrypto; install OpenSSL 3 with its default provider"
  }
}
