internal import Glibc
internal import Postgres

/// The lock that lets one process migrate a database at a time.
///
/// It is asked for again and again rather than waited for: a session that waits inside the server
/// holds a snapshot, and a concurrent index build of the lock's holder would wait for that.
struct MigrationLock {
  let connection: Connection
  let patience: Int
  let observe: (SchemaEvent) -> Void

  /// Takes the lock, or says who has it.
  func acquire() throws {
    let end = now + Double(patience)
    var pause: UInt32 = 50_000
    var shown: LockHolder?
    while try !tryOnce() {
      let holder = try self.holder()
      if let holder, holder != shown {
        observe(.waiting(holder))
        shown = holder
      }
      guard now < end else {
        throw SchemaError(
          "another process migrates this database: "
            + (shown?.description ?? "one that has just ended"),
          remedy: "wait for it, or allow more time with --lock-wait")
      }
      usleep(pause)
      pause = min(pause * 2, 500_000)
    }
  }

  /// Gives the lock back; a session that ends does so by itself.
  func release() {
    _ = try? connection.query("SELECT pg_advisory_unlock(\(AdvisoryLock.migrations))")
  }

  private func tryOnce() throws(PostgresError) -> Bool {
    try connection.scalar("SELECT pg_try_advisory_lock(\(AdvisoryLock.migrations))") ?? false
  }

  /// The session that has the lock now; nil where it has just gone.
  func holder() throws(PostgresError) -> LockHolder? {
    let rows = try connection.query(
      """
      SELECT a.pid, a.application_name, coalesce(host(a.client_addr), ''),
             date_trunc('second', a.backend_start)::text
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32) | l.objid::bigint = \(AdvisoryLock.migrations)
      """)
    guard rows.rowCount > 0 else { return nil }
    return LockHolder(
      pid: try rows.value(0, 0), application: try rows.value(0, 1),
      address: try rows.value(0, 2), since: try rows.value(0, 3))
  }

  private var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
