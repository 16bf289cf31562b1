internal import MigrationFiles
internal import Postgres

/// Deferred constraints and constraint triggers, which the server runs at COMMIT.
extension LossFinder {
  /// The result of running everything that is deferred until COMMIT.
  enum Firing {
    /// Nothing was deferred.
    case nothing
    /// Nothing is deferred any more.
    case all
    /// More may still be deferred.
    case moreMayWait
  }

  /// The reason that is reported where more may still be deferred.
  static let moreMayWaitReason =
    "the triggers queue more triggers for COMMIT again and again: the deleted rows are not known"

  private static let mostRounds = 100

  /// Runs everything that is deferred until COMMIT, as the current role.
  ///
  /// Deferred triggers may defer constraints again and queue more triggers: everything is run again
  /// as long as rows are written, at most a hundred times.
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

  /// Returns true where a deferred trigger may exist, which may do anything.
  private func mayQueueMore() throws(PostgresError) -> Bool {
    try connection.scalar(
      "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable AND NOT tgisinternal)") ?? true
  }

  /// Reads how many rows of each table the transaction has written, for a comparison.
  private func writtenRows() throws(PostgresError) -> String {
    try connection.scalar(LossesQueries.writtenRows) ?? ""
  }
}
