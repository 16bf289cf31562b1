public import Testing

extension Trait where Self == ConditionTrait {
  /// Skips where no PostgreSQL with pgvector can be started.
  public static var needsServer: Self {
    .enabled(if: TestServer.isAvailable, "no PostgreSQL with pgvector at hand")
  }

  /// Skips where the Python environment of the tests is missing.
  public static var needsPython: Self {
    .enabled(if: Oracle.isAvailable, "the Python test environment is missing")
  }

  /// Runs in the long form alone (`run_tests.sh --full`).
  public static var longForm: Self {
    .enabled(if: Oracle.isFullRun, "only in the long form (run_tests.sh --full)")
  }
}
