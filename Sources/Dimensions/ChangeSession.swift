internal import Ledger
internal import Clock
internal import Glibc
internal import Postgres
internal import OwnSchema

/// The session that changes a dimension; a database has only one such session at a time.
///
/// The session waits for locks in short attempts, so that it disturbs other sessions as little as
/// possible.
struct ChangeSession {
  let connection: Connection
  let observe: (DimensionEvent) -> Void
  /// The milliseconds that the application may have to wait behind a lock for which this session
  /// waits.
  let lockTimeout: Int
  /// The seconds to wait for transactions of other sessions.
  var holdTimeout = 600.0

  /// The greatest number of attempts for a transaction that needs a strong lock.
  private static let attempts = 100
  /// The seconds to wait until the session of a killed change has ended.
  private static let longestWait = 30.0

  /// Takes the lock for dimension changes, so that no other session changes dimensions; the lock
  /// ends with the session.
  func open() throws {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    guard pid == connection.backendPID else {
      throw Failure(
        .preflight,
        "the connection goes through a pooler, where the lock against a second change "
          + "may be lost", remedy: "connect to the server itself")
    }
    try prepare()
    var waited = 0.0
    while try !tryLock() {
      guard waited < Self.longestWait else {
        throw Failure(
          .preflight, "another process changes dimensions in this database",
          remedy: "wait for that process to end, then run again")
      }
      usleep(200_000)
      waited += 0.2
    }
  }

  /// Sets the settings of the session; must be called again after other code has changed them.
  func prepare() throws(PostgresError) {
    try connection.execute(
      script: """
        SET application_name = 'vector-ferry dimensions';
        SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
        """)
    if connection.serverVersion >= 140_000 {
      // The session may be idle for minutes while it waits for an embedding service.
      try connection.execute(
        script: "SET client_connection_check_interval = 500; SET idle_session_timeout = 0")
    }
    if connection.serverVersion >= 170_000 {
      try connection.execute(script: "SET transaction_timeout = 0")
    }
  }

  private func tryLock() throws(PostgresError) -> Bool {
    try connection.scalar("SELECT pg_try_advisory_lock(\(AdvisoryLock.dimensions))") ?? false
  }

  /// Runs a short transaction that needs a strong lock, and tries it again where the lock was not
  /// free in time.
  @discardableResult
  func retryingLock<Result>(_ body: () throws -> Result) throws -> Result {
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

  /// Waits until all transactions that are open now have ended.
  ///
  /// A transaction that took its snapshot before rows were filled does not see the filled rows.
  func awaitOlderTransactions() throws {
    let older = try transactions()
    var wait = ChangeWait(limit: holdTimeout)
    while true {
      let left = try transactions().filter { older[$0.key] != nil }
      if left.isEmpty { return }
      try wait.look(at: left.values.sorted(), reportProcess)
      usleep(20_000)
    }
  }

  /// Reports the sessions that hold rows without a new vector; throws after waiting for too long.
  func report(_ wait: inout ChangeWait, rows waiting: SQL, of column: VectorColumn) throws {
    let held = try processes(ChangeQueries.rowHolders(table: column.sql, waiting: waiting))
    // Where several sessions share the lock of a row, these sessions are unknown; each of them also
    // has a lock on the table.
    let holders =
      try held.isEmpty ? processes(ChangeQueries.tableHolders(table: column.table)) : held
    try wait.look(at: holders, reportProcess)
  }

  private func processes(_ query: SQL) throws(PostgresError) -> [Int] {
    let rows = try connection.query(query)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  private func reportProcess(_ pid: Int) throws(PostgresError) {
    observe(.waiting(pid: pid, about: try query(of: pid)))
  }

  /// Returns the open transactions of this database: their virtual ids, with the numbers of their
  /// server processes.
  private func transactions() throws(PostgresError) -> [String: Int] {
    let rows = try connection.query(ChangeQueries.openTransactions)
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

  /// Builds an index without blocking other sessions; an INVALID index that a killed build has left
  /// behind is dropped first.
  ///
  /// Does nothing where a valid index with this name exists.
  func buildIndex(_ name: QualifiedName, _ definition: SQL) throws {
    let isValid: Bool? = try connection.scalar(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(\(name.quoted))")
    if isValid == true { return }
    if isValid == false {
      try connection.execute(alone: "DROP INDEX CONCURRENTLY IF EXISTS \(name)")
    }
    // The server would wait for the same transactions, but without naming them.
    try awaitOlderTransactions()
    try connection.execute(alone: "CREATE INDEX CONCURRENTLY \(name.name) \(definition)")
  }
}

/// The wait for other sessions, with a limit of time; each of these sessions is reported once.
struct ChangeWait {
  private let limit: Double
  private let began = MonotonicClock.seconds()
  private var reported: Set<Int> = []

  init(limit: Double) { self.limit = limit }

  /// Reports the server processes that were not reported yet; throws where the time is over.
  mutating func look(at processes: [Int], _ report: (Int) throws -> Void) throws {
    for process in processes where reported.insert(process).inserted { try report(process) }
    guard MonotonicClock.seconds() - began > limit else { return }
    let names = processes.map { "\($0)" }.joined(separator: ", ")
    throw Failure(
      .database,
      "waited \(Int(limit)) seconds for "
        + (names.isEmpty ? "a prepared transaction" : "the transaction of server process \(names)"),
      remedy: "end that transaction, or wait longer with --wait; run again to continue from here")
  }

  /// Throws where the time is over; `what` says what the program has waited for.
  func end(_ what: String) throws {
    guard MonotonicClock.seconds() - began > limit else { return }
    throw Failure(
      .database,
      "waited \(Int(limit)) seconds for \(what): rows are written faster than they are filled",
      remedy: "run again to continue when fewer rows are written, or wait longer with --wait")
  }
}
