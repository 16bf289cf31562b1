internal import Glibc
internal import Postgres
internal import Schema

/// The session of a dimension change: one at a time in a database, patient with locks, and no
/// burden on those who work with the table.
struct ChangeSession {
  let connection: Connection
  let observe: (DimensionEvent) -> Void
  /// Milliseconds that the application may have to queue behind a lock that does not come.
  let lockTimeout: Int

  /// How often a lock is asked for.
  private static let attempts = 100
  /// Seconds to wait for the session of a killed change to end.
  private static let patience = 30.0

  /// Takes the lock of dimension changes; a session that ends gives it back.
  func open() throws {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    guard pid == connection.backendPID else {
      throw Failure(
        .preflight,
        "the connection goes through a pooler, where the lock against a second change "
          + "may be lost", remedy: "connect to the server itself")
    }
    try connection.execute(
      script: """
        SET application_name = 'vector-ferry dimensions';
        SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
        """)
    if connection.serverVersion >= 140_000 {
      try connection.execute(script: "SET client_connection_check_interval = 500")
    }
    var waited = 0.0
    while try !tryLock() {
      guard waited < Self.patience else {
        throw Failure(
          .preflight, "another process changes dimensions in this database",
          remedy: "wait for it, then run again")
      }
      usleep(200_000)
      waited += 0.2
    }
  }

  private func tryLock() throws(PostgresError) -> Bool {
    try connection.scalar("SELECT pg_try_advisory_lock(\(AdvisoryLock.dimensions))") ?? false
  }

  /// Runs a short transaction that needs a strong lock, again where that does not come in time.
  @discardableResult
  func patiently<Result>(_ body: () throws -> Result) throws -> Result {
    var attempt = 0
    while true {
      do {
        return try connection.transaction {
          try connection.execute(script: "SET LOCAL lock_timeout = \(number: lockTimeout)")
          return try body()
        }
      } catch let error as PostgresError {
        attempt += 1
        guard ["55P03", "40P01"].contains(error.serverError?.sqlState), attempt < Self.attempts
        else { throw error }
        observe(.retrying(attempt: attempt, reason: error.description))
        usleep(UInt32(min(attempt, 10)) * 100_000)
      }
    }
  }

  /// Waits until every transaction that runs now has ended: none of them could see what has been
  /// filled since it took its snapshot.
  func awaitOlderTransactions() throws {
    let older = try transactions()
    var shown: Set<Int> = []
    while true {
      let left = try transactions().filter { older[$0.key] != nil }
      guard let pid = left.values.first else { return }
      if shown.insert(pid).inserted { observe(.waiting(pid: pid, about: try query(of: pid))) }
      usleep(20_000)
    }
  }

  /// Running transactions of this database by their virtual id, with their process.
  private func transactions() throws(PostgresError) -> [String: Int] {
    let rows = try connection.query(
      """
      SELECT l.virtualxid, l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid()
        AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND coalesce(a.backend_type, 'client backend') = 'client backend'
      """)
    var found: [String: Int] = [:]
    for row in 0..<rows.rowCount { found[try rows.value(row, 0)] = try rows.value(row, 1) }
    return found
  }

  private func query(of pid: Int) throws(PostgresError) -> String {
    try connection.scalar(
      """
      SELECT concat_ws(', ', nullif(application_name, ''), state, left(query, 60))
      FROM pg_stat_activity WHERE pid = \(pid)::int
      """) ?? ""
  }

  /// Builds an index without blocking anyone; one that a killed build has left INVALID goes first.
  func buildIndex(_ name: QualifiedName, _ definition: SQL) throws {
    let isValid: Bool? = try connection.scalar(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(\(name.quoted))")
    if isValid == true { return }
    if isValid == false {
      try connection.execute(script: "DROP INDEX CONCURRENTLY IF EXISTS \(name)")
    }
    // The server would wait for the same ones, and say nothing.
    try awaitOlderTransactions()
    try connection.execute(script: "CREATE INDEX CONCURRENTLY \(name.name) \(definition)")
  }
}
