internal import MigrationFiles
internal import Postgres

/// Deferred constraints and deferred triggers, which the server runs at COMMIT.
extension LossFinder {
  /// The result of running everything that is deferred until COMMIT.
  enum Firing {
    /// Nothing can be deferred, so that nothing was run.
    case nothing
    /// Everything that was deferred has run.
    case all
    /// Some of what is deferred may not have run yet.
    case moreMayWait
  }

  /// The reason that the operator sees for `moreMayWait`.
  static let moreMayWaitReason =
    "the triggers queue more triggers for COMMIT again and again: the deleted rows are not known"

  private static let mostRounds = 100

  /// Runs all constraints and triggers that are deferred until COMMIT, as the current role.
  ///
  /// Deferred triggers may defer other constraints and triggers. Everything is run again as long as
  /// the triggers write rows, at most a hundred times.
  func fireDeferred(of section: MigrationSection) throws(PostgresError) -> Firing {
    mayDefer = mayDefer || section.text.uppercased().contains("DEFERRABLE")
    guard mayDefer else { return .nothing }
    var before = try writtenRows()
    for _ in 0..<Self.mostRounds {
      try connection.execute(script: "SET CONSTRAINTS ALL IMMEDIATE")
      let after = try writtenRows()
      if after == before {
        guard mayMiscount else { return .all }
        return try mayQueueMore() ? .moreMayWait : .all
      }
      before = after
    }
    return .moreMayWait
  }

  /// Returns true where a deferrable trigger exists; it may do anything, and so defer other
  /// triggers.
  private func mayQueueMore() throws(PostgresError) -> Bool {
    try connection.scalar(
      "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable AND NOT tgisinternal)") ?? true
  }

  /// Reads the number of rows that the transaction has written to each table, as a text that can be
  /// compared.
  private func writtenRows() throws(PostgresError) -> String {
    try connection.scalar(LossesQueries.writtenRows) ?? ""
  }
}
