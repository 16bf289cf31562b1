public import Foundation

/// A virtual environment of Python that `run_tests.sh` makes, with the packages of
/// `Scripts/NAME.txt`.
public struct PythonEnvironment: Sendable {
  /// CPython with NumPy, scikit-learn and `cryptography`, which tests compare with.
  public static let oracle = PythonEnvironment("oracle", variable: "VECTOR_FERRY_PYTHON")
  /// The packages of the clients in docs/CLIENTS.md.
  public static let clients = PythonEnvironment("clients")
  /// scikit-learn of the end of 2023; only for the long form.
  public static let sklearn2023 = PythonEnvironment("sklearn-2023")
  /// NumPy and the weights of all-MiniLM-L6-v2; for the long form alone.
  public static let minilm = PythonEnvironment("minilm")

  /// The name of the environment's folder and of its list of packages.
  public let name: String
  /// The Python interpreter; nil where the environment was not made.
  public let python: String?

  private init(_ name: String, variable: String? = nil) {
    let named = variable.flatMap { ProcessInfo.processInfo.environment[$0] }
    let path = named ?? "\(Oracle.repository)/.vector-ferry/\(name)/bin/python"
    self.name = name
    python = FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  /// Runs a script and returns its output; where it fails, throws the text that it wrote to
  /// standard error.
  public func run(
    _ script: String, _ arguments: [String] = [], input: Data? = nil
  ) throws -> ProcessOutcome {
    guard let python else { throw OracleError(message: "no Python environment \(name)") }
    let outcome = try TestSupport.run(python, ["-c", script] + arguments, input: input)
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
    return outcome
  }
}
