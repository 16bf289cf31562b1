internal import Glibc

/// The error of a system call that failed.
public struct SystemFailure: Error, Equatable, Sendable {
  /// The system's error number.
  public let code: Int32

  /// Creates an error from the system's error number.
  public init(code: Int32) { self.code = code }

  /// Creates the error of the latest system call.
  public init() { code = errno }

  /// The cause in the system's words.
  public var reason: String { String(cString: strerror(code)) }
}
