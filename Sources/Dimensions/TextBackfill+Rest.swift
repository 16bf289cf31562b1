internal import Ledger
internal import Embedding
internal import Postgres

extension TextBackfill {
  /// How many milliseconds to look for a moment without readers.
  private static let search = 1000

  /// Blocks writers but not readers, embeds the few remaining rows, and then raises the lock.
  mutating func fillRest() throws -> BackfillRest {
    try connection.query("LOCK TABLE \(column.sql) IN SHARE ROW EXCLUSIVE MODE")
    hooks.reached(.changeHeld)
    cursor = nil
    let rows = try page(limit: lastBatchLimit + 1)
    guard rows.count <= lastBatchLimit else { return .some }
    if !rows.isEmpty {
      guard let outcomes = try embedder.embed(rows.map(\.labelled), within: Self.longestPause)
      else {
        lastBatchLimit = max(lastBatchLimit / 2, 4)
        return .late
      }
      _ = try write(try sort(rows, outcomes))
      try checkRefusals()
      guard try waitingCount() == 0 else { return .some }
    }
    return try raiseLock() ? .none : .inUse
  }

  /// Raises the lock at a moment when no other session uses the table; returns false where there
  /// was no such moment.
  ///
  /// A session that has read the table and now wants to write waits for this transaction. If this
  /// transaction then queued for the stronger lock, it would wait for that session, and the server
  /// would end that session at once because of the deadlock. So this transaction does not queue: it
  /// first looks whether the table is used, and since PostgreSQL 17 tries without waiting. Before
  /// PostgreSQL 17 such a try fails wherever writers queue, so the transaction waits one
  /// millisecond, the shortest time possible.
  private func raiseLock() throws(PostgresError) -> Bool {
    let before: String? = try connection.scalar("SHOW lock_timeout")
    let withoutWaiting: SQL = connection.serverVersion >= 170_000 ? "NOWAIT" : ""
    let holders: SQL = """
      FROM pg_locks h WHERE h.locktype = 'relation' AND h.granted AND h.pid <> pg_backend_pid()
        AND h.relation = \(Literal(column.table))::regclass
        AND h.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """
    let body = BackfillQueries.raiseLock(
      milliseconds: Self.search, holders: holders, table: column.sql, withoutWaiting: withoutWaiting
    )
    try connection.execute(
      script: """
        SET LOCAL lock_timeout = '1ms';
        SELECT set_config('vector_ferry.raised', '', true);
        DO \(Literal(body.text));
        """)
    try connection.query("SELECT set_config('lock_timeout', \(before ?? "0"), true)")
    return try connection.scalar("SELECT current_setting('vector_ferry.raised') = 'yes'") ?? false
  }
}
