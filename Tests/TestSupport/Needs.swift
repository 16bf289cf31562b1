public import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test where no PostgreSQL with pgvector can be started.
  public static var needsServer: Self {
    .enabled(if: TestServer.isAvailable, "no PostgreSQL with pgvector at hand")
  }

  /// Skips a test where the Python environment of the tests is missing.
  public static var needsPython: Self { .needs(.oracle) }

  /// Skips a test where the given Python environment is missing.
  public static func needs(_ environment: PythonEnvironment) -> Self {
    .enabled(
      if: environment.python != nil,
      "the Python environment \(environment.name) is missing: run_tests.sh makes it")
  }

  /// Runs a test only in the long form (`run_tests.sh --full`).
  public static var longForm: Self {
    .enabled(if: Oracle.isFullRun, "only in the long form (run_tests.sh --full)")
  }
}
