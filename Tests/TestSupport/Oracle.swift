public import Foundation

/// The reference that tests compare with: CPython with NumPy and `cryptography`, as `run_tests.sh`
/// sets it up.
public enum Oracle {
  /// The root folder of the repository.
  public static let repository: String = {
    var path = #filePath
    for _ in 0..<3 { path = (path as NSString).deletingLastPathComponent }
    return path
  }()

  /// The Python interpreter of the test environment; nil where it is not installed.
  public static var python: String? { PythonEnvironment.oracle.python }

  /// True where the interpreter is installed; otherwise, tests that need it are skipped.
  public static var isAvailable: Bool { python != nil }

  /// True in the long form, `run_tests.sh --full`.
  public static let isFullRun = ProcessInfo.processInfo.environment["VECTOR_FERRY_FULL"] == "1"

  /// Runs a Python script and returns its output; where it fails, throws the text that it wrote to
  /// standard error.
  public static func run(
    _ script: String, _ arguments: [String] = [], input: Data? = nil
  ) throws -> ProcessOutcome {
    try PythonEnvironment.oracle.run(script, arguments, input: input)
  }
}

/// The error where a script of the reference fails.
public struct OracleError: Error, CustomStringConvertible {
  /// The text that the script wrote to standard error.
  public let message: String

  /// Creates an error with a message.
  public init(message: String) { self.message = message }

  /// The text that the script wrote to standard error.
  public var description: String { "oracle: \(message)" }
}
