internal import Ledger
internal import Clock
internal import Glibc
internal import Postgres
internal import OwnSchema

/// The session of a dimension change; a database has only one such session at a time.
///
/// The session waits for locks in short attempts, and disturbs other sessions that use the table as
/// little as possible.
struct ChangeSession {
  let connection: Connection
  let observe: (DimensionEvent) -> Void
  /// How many milliseconds the application may have to queue behind a lock that this session waits
  /// for.
  let lockTimeout: Int
  /// How many seconds to wait for transactions of other sessions.
  var holdTimeout = 600.0

  /// The largest number of attempts of a transaction that needs a strong lock.
  private static let attempts = 100
  /// How many seconds to wait for the session of a killed change to end.
  private static let longestWait = 30.0

  /// Takes the lock of dimension changes; the lock ends with the session.
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

  /// Applies the settings of the session; must be called again after something has changed them.
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

  /// Runs a short transaction that needs a strong lock, and retries where the lock is not available
  /// in time.
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

  /// Waits until every transaction that is running now has ended: such a transaction cannot see
  /// rows that were filled after its snapshot was taken.
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

  /// Reports the sessions that hold rows without a new vector; throws after the longest wait.
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

  /// Returns the running transactions of this database by their virtual id, with their processes.
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

  /// Builds an index without blocking other sessions, unless a valid one with this name exists;
  /// first drops one that a killed build has left INVALID.
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

/// A limited wait for other sessions, each of which is reported once.
struct ChangeWait {
  private let limit: Double
  private let began = MonotonicClock.seconds()
  private var reported: Set<Int> = []

  init(limit: Double) { self.limit = limit }

  /// Reports the processes that were not reported yet; throws after the longest wait.
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

  /// Throws where this process has waited longer than the limit for `what`.
  func end(_ what: String) throws {
    guard MonotonicClock.seconds() - began > limit else { return }
    throw Failure(
      .database,
      "waited \(Int(limit)) seconds for \(what): rows are written faster than they are filled",
      remedy: "run again to continue when fewer rows are written, or wait longer with --wait")
  }
}
