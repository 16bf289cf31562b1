internal import MigrationFiles
internal import Postgres

/// What waits for COMMIT: deferred constraints and constraint triggers.
extension LossFinder {
  /// How firing what waits for COMMIT has ended.
  enum Firing {
    /// Nothing can have waited.
    case nothing
    /// Nothing waits any more.
    case all
    /// More may wait.
    case moreMayWait
  }

  /// What is said where more may wait for COMMIT.
  static let moreMayWaitReason =
    "its triggers queue more for COMMIT again and again, so that nobody knows what they take"

  private static let mostRounds = 100

  /// Fires what waits for COMMIT, as the role that is set.
  ///
  /// What fires may let constraints wait again and queue more: as long as rows are written it is done
  /// once more.
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

  /// True where a trigger waits for COMMIT that may do anything.
  private func mayQueueMore() throws(PostgresError) -> Bool {
    try connection.scalar(
      "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable AND NOT tgisinternal)") ?? true
  }

  /// All that the session has done to rows, for comparing.
  private func writtenRows() throws(PostgresError) -> String {
    try connection.scalar(
      """
      SELECT coalesce(string_agg(concat_ws(' ', oid, pg_stat_get_xact_tuples_inserted(oid),
        pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_deleted(oid)), ','
        ORDER BY oid), '')
      FROM pg_class WHERE relkind IN ('r', 'm')
        AND (pg_stat_get_xact_tuples_inserted(oid) > 0 OR pg_stat_get_xact_tuples_updated(oid) > 0
          OR pg_stat_get_xact_tuples_deleted(oid) > 0)
      """) ?? ""
  }
}
