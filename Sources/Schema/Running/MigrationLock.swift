internal import OwnSchema
internal import Clock
internal import Glibc
internal import Postgres

/// The lock that lets only one process migrate a database at a time.
///
/// The lock is requested again and again, without waiting in the server: a waiting session would
/// hold a snapshot, and a concurrent index build in the session with the lock would wait for that
/// snapshot.
final class MigrationLock {
  private let session: SchemaSession
  private let patience: Int
  private let observe: (SchemaEvent) -> Void
  /// The number of times that the session has taken the lock; it must be released as many times.
  private var taken = 0

  private var connection: Connection { session.connection }

  init(session: SchemaSession, patience: Int, observe: @escaping (SchemaEvent) -> Void) {
    self.session = session
    self.patience = patience
    self.observe = observe
  }

  /// Takes the lock; waits while another process has it, and throws where that takes more than
  /// `patience` seconds.
  func acquire() throws {
    let end = MonotonicClock.seconds() + Double(patience)
    var pause: UInt32 = 50_000
    var shown: LockHolder?
    while true {
      let holder = try takeOnce() ? try worker() : try self.holder()
      if taken > 0 {
        guard holder != nil else { return try session.prepare(as: .worker) }
        // The file of that session has released the lock, and the session has not noticed it yet.
        release()
      }
      if let holder, holder != shown {
        observe(.waiting(holder))
        shown = holder
      }
      guard MonotonicClock.seconds() < end else {
        throw SchemaError(
          "another process migrates this database: "
            + (shown?.description ?? "a process that has just ended"),
          remedy: "wait for that process, or allow more time with --lock-wait")
      }
      usleep(pause)
      pause = min(pause * 2, 500_000)
    }
  }

  /// Releases the lock; the end of a session also releases it.
  func release() {
    guard taken > 0 else { return }
    connection.uninterruptibly {
      _ = try? connection.query(
        """
        SELECT count(pg_advisory_unlock(\(AdvisoryLock.migrations)))
        FROM generate_series(1, \(taken))
        """)
    }
    taken = 0
  }

  // MARK: Against files that give it up

  /// Holds the lock until the end of the open transaction: nothing can release it before then.
  func holdThroughTransaction() throws(PostgresError) {
    try checkHold(try connection.query(Self.hold))
  }

  /// The query that holds the lock until the end of the transaction.
  static let hold: SQL = "SELECT pg_try_advisory_xact_lock(\(AdvisoryLock.migrations))"

  /// Throws where the answer to the query `hold` shows that another session has the lock.
  func checkHold(_ answer: QueryResult) throws(PostgresError) {
    guard try answer.value(0, 0, as: Bool.self) else { throw Self.lost }
  }

  /// Takes the lock for the session again while the open transaction still holds it; then runs
  /// `queries`.
  ///
  /// If the file has released the session's lock, no other session could take it, because the
  /// transaction has held it all the time. If the file has not released it, the session now holds
  /// it twice.
  func renew(and queries: [SQL]) throws(PostgresError) -> [QueryResult] {
    var answers = try connection.query(each: [Self.request] + queries)
    guard try note(answers.removeFirst()) else { throw Self.lost }
    return answers
  }

  /// Returns true while this session has the lock.
  func isHeld() throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (SELECT FROM pg_locks l
        WHERE l.pid = pg_backend_pid() AND \(Self.isThisLock))
      """) ?? false
  }

  /// The error for a lock that the file has released, so that another process may have it now.
  static var lost: PostgresError {
    .unexpected(
      operation: "the lock that prevents a second run",
      what: "the file has released the lock outside of a transaction (pg_advisory_unlock)")
  }

  // MARK: Asking

  private static let request: SQL = "SELECT pg_try_advisory_lock(\(AdvisoryLock.migrations))"

  private func takeOnce() throws(PostgresError) -> Bool {
    try note(try connection.query(Self.request))
  }

  /// Counts the lock as taken if the answer to a request says so; returns true in that case.
  private func note(_ answer: QueryResult) throws(PostgresError) -> Bool {
    let isOurs: Bool = try answer.value(0, 0)
    if isOurs { taken += 1 }
    return isOurs
  }

  private static var isThisLock: SQL {
    """
    l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32) | l.objid::bigint = \(AdvisoryLock.migrations)
    """
  }

  /// Finds the session that has the lock now; nil where it has just ended.
  func holder() throws(PostgresError) -> LockHolder? {
    try session(
      where: "a.pid IN (SELECT l.pid FROM pg_locks l WHERE \(Self.isThisLock))")
  }

  /// Finds another session of this program that migrates the database, even if that session has
  /// lost the lock; nil where there is none.
  private func worker() throws(PostgresError) -> LockHolder? {
    try session(
      where: """
        a.pid <> pg_backend_pid() AND a.datname = current_database()
        AND starts_with(a.application_name, \(SchemaSession.Role.worker.rawValue))
        """)
  }

  private func session(where condition: SQL) throws(PostgresError) -> LockHolder? {
    let rows = try connection.query(
      """
      SELECT a.pid, a.application_name, coalesce(host(a.client_addr), ''),
             coalesce(date_trunc('second', a.backend_start)::text, 'an unknown time')
      FROM pg_stat_activity a WHERE \(condition) LIMIT 1
      """)
    guard rows.rowCount > 0 else { return nil }
    return LockHolder(
      pid: try rows.value(0, 0), application: try rows.value(0, 1),
      address: try rows.value(0, 2), since: try rows.value(0, 3))
  }
}
