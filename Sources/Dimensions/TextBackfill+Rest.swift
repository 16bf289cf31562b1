internal import Ledger
internal import Embedding
internal import Postgres

extension TextBackfill {
  /// The milliseconds to look for a moment at which no other session uses the table.
  private static let search = 1000

  /// Locks the table against writers but not against readers, embeds the last rows, and then takes
  /// the strongest lock.
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

  /// Takes the strongest lock at a moment when no other session uses the table; returns false where
  /// there was no such moment.
  ///
  /// This transaction must not wait for the lock. A session that has read the table and now wants
  /// to write waits for this transaction; if this transaction waited for that session, the server
  /// would end that session at once, because of the deadlock. So this transaction first looks
  /// whether the table is in use, and then tries without waiting (PostgreSQL 17 and later). In
  /// earlier versions such a try fails while writers wait, so that the transaction waits for one
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
