internal import OwnSchema
internal import Glibc
package import Postgres
internal import Layouts

extension ServerExamination {
  /// Reports sessions that hold locks for which a run would wait, and sessions that wait for locks.
  func locks() throws -> [Finding] {
    guard let table = try fitTable() else { return [] }
    let rows = try connection.query(ExaminationQueries.locks(table: table.catalogueName))
    let findings = try (0..<rows.rowCount).compactMap { (row) -> Finding? in
      let pid: Int = try rows.value(row, 0)
      let mode: String = try rows.value(row, 1)
      let session = "process \(pid) (\(try shown(rows, row, 3)), \(try shown(rows, row, 4)))"
      if try rows.value(row, 2) {
        let isOurs = session.contains("(vector-ferry")
        var seconds: Int? = try rows.optional(row, 5)
        if seconds == nil, options.watchesLocks, !isOurs {
          seconds = try watchLock(of: pid, mode, on: table)
          if seconds == nil { return nil }
        }
        let age =
          try seconds.map { "for \($0) s" }
          ?? "for an unknown time (role \(facts().role) may not see that session's times)"
        return Finding(
          "locks", .problem,
          "\(session) holds \(mode) on \(table.name) \(age): a run would wait for it",
          remedy: "wait for that session to end, or end it: SELECT pg_terminate_backend(\(pid))",
          // Locks of another run or of a short statement are released before this run needs the
          // table.
          stopsRuns: (seconds ?? 0) >= Self.longLock && !isOurs)
      }
      let blockers: String = try rows.value(row, 6)
      return Finding(
        "locks", .warning,
        "\(session) waits for \(mode) on \(table.name), blocked by \(blockers): later statements "
          + "wait behind it",
        remedy: "look at the blocking process first")
    }
    return findings.isEmpty
      ? [Finding("locks", .fine, "no session holds a blocking lock")] : findings
  }

  /// The number of seconds from which on a held lock stops a run.
  private static let longLock = 10

  /// Waits until a lock is released, or until it was held for `longLock` seconds.
  ///
  /// - Returns: the number of seconds; nil where the lock was released.
  private func watchLock(of process: Int, _ mode: String, on table: VectorTable) throws -> Int? {
    let start = ContinuousClock.now
    while true {
      let isHeld: Bool? = try connection.scalar(
        """
        SELECT EXISTS (
          SELECT FROM pg_locks WHERE pid = \(process) AND mode = \(mode) AND granted
            AND relation = to_regclass(\(table.catalogueName)))
        """)
      guard isHeld == true else { return nil }
      let seconds = Int(start.duration(to: .now).components.seconds)
      if seconds >= Self.longLock { return seconds }
      usleep(200_000)
    }
  }

  private func shown(_ rows: QueryResult, _ row: Int, _ column: Int) throws -> String {
    let text: String = try rows.value(row, column)
    return text.isEmpty ? "unnamed" : text
  }

  /// Reports transactions that were open for a long time, for which VACUUM waits, and prepared
  /// transactions.
  func transactions() throws -> [Finding] {
    let rows = try connection.query(
      ExaminationQueries.longTransactions(seconds: Double(options.transactionSeconds)))
    var findings = try (0..<rows.rowCount).map { row in
      let pid: Int = try rows.value(row, 0)
      let seconds: Int = try rows.value(row, 3)
      return Finding(
        "transactions", .warning,
        "process \(pid) (\(try shown(rows, row, 1)), \(try shown(rows, row, 2))) has had a "
          + "transaction open for \(seconds) s: VACUUM and CREATE INDEX CONCURRENTLY wait for it",
        remedy:
          "wait for that transaction to end, or end its session: SELECT "
          + "pg_terminate_backend(\(pid))"
      )
    }
    let prepared: Int? = try connection.scalar(
      "SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()")
    if let prepared, prepared > 0 {
      findings.append(
        Finding(
          "transactions", .warning, "\(prepared) prepared transactions hold their locks",
          remedy: "end each with COMMIT PREPARED or ROLLBACK PREPARED (see pg_prepared_xacts)"))
    }
    if let hidden = try hiddenSessions() { findings.append(hidden) }
    return findings.isEmpty
      ? [Finding("transactions", .fine, "no transaction is open for long")] : findings
  }

  /// Reports the number of sessions whose transactions this role may not see.
  private func hiddenSessions() throws -> Finding? {
    let hidden: Int? = try connection.scalar(
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND query = '<insufficient privilege>'
      """)
    guard let hidden, hidden > 0 else { return nil }
    let role = try facts().role
    return .notLookedAt(
      "transactions",
      "role \(role) may not see the transactions of \(hidden) session\(hidden == 1 ? "" : "s")",
      remedy: Self.statistics(role))
  }

  /// Reports the number of sessions that the server still accepts.
  func connections() throws -> [Finding] {
    guard let free = try connection.freeConnections() else { return [] }
    if free >= 4 { return [Finding("connections", .fine, "\(free) are free")] }
    return [
      Finding(
        "connections", .warning, "only \(max(0, free)) are free",
        remedy: "end sessions that are not needed, or raise max_connections")
    ]
  }

  /// Reports settings that would end a long statement or transaction before it has finished.
  func timeouts() throws -> [Finding] {
    let rows = try connection.query(ExaminationQueries.timeouts)
    guard rows.rowCount > 0 else { return [Finding("timeouts", .fine, "none is set")] }
    return try (0..<rows.rowCount).map { row in
      let name: String = try rows.value(row, 0)
      return Finding(
        "timeouts", .warning,
        "\(name) is \(try rows.value(row, 1, as: String.self)): this limit would end the loading of a large store",
        remedy: "ALTER ROLE \(Identifier(try facts().role).quoted) SET \(name) = 0")
    }
  }
}

extension Connection {
  /// Returns the number of further sessions that the server, the database and the role allow; nil
  /// where the server does not say.
  package func freeConnections() throws(PostgresError) -> Int? {
    // Sessions of other roles are hidden in pg_stat_activity, but every role may see these counts.
    try scalar(ExaminationQueries.freeConnections)
  }
}
