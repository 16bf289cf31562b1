public import Foundation

/// CPython with NumPy and `cryptography`, as `run_tests.sh` sets it up: the live reference.
public enum Oracle {
  /// The repository's root.
  public static let repository: String = {
    var path = #filePath
    for _ in 0..<3 { path = (path as NSString).deletingLastPathComponent }
    return path
  }()

  /// The interpreter of the test environment, nil where it has not been installed.
  public static var python: String? { PythonEnvironment.oracle.python }

  /// True where the reference interpreter is installed; tests that need it are skipped elsewhere.
  public static var isAvailable: Bool { python != nil }

  /// True in the long form, `run_tests.sh --full`.
  public static let isFullRun = ProcessInfo.processInfo.environment["VECTOR_FERRY_FULL"] == "1"

  /// Runs a Python script and returns what it printed; throws what it wrote to standard error.
  public static func run(
    _ script: String, _ arguments: [String] = [], input: Data? = nil
  ) throws -> ProcessOutcome {
    try PythonEnvironment.oracle.run(script, arguments, input: input)
  }
}

/// The reference itself failed.
public struct OracleError: Error, CustomStringConvertible {
  /// What it wrote to standard error.
  public let message: String

  /// A failure with its own words.
  public init(message: String) { self.message = message }

  /// What it wrote to standard error.
  public var description: String { "oracle: \(message)" }
}
