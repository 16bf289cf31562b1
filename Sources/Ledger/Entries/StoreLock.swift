package import Postgres
internal import OwnSchema
package import Stores

/// One store's lock: held by whoever carries it over, until the transaction ends.
///
/// It belongs to the transaction, not to the session, so it survives no pooler that hands the
/// session on, and none that dies leaves it behind. It is tried and never waited for: a session
/// that waits holds a snapshot.
package struct StoreLock {
  let connection: Connection
  let table: QualifiedName
  let store: StoreName
  let run: RunID

  package init(connection: Connection, table: QualifiedName, store: StoreName, run: RunID) {
    self.connection = connection
    self.table = table
    self.store = store
    self.run = run
  }

  /// Thrown where another run has the store.
  package struct Taken: FailureCause {
    /// Who has it; nil where the server does not say, or it was given back meanwhile.
    package let holder: Holder?
    /// It is this very run: a session of its own whose connection broke, and which the server has
    /// not noticed yet.
    let isOwn: Bool

    package var failure: Failure {
      Failure(
        .taken, holder?.description ?? "another run has it",
        remedy: "run again when that run is done, or let this one wait for it with --wait")
    }
  }

  /// The run that has a store.
  package struct Holder: Sendable, Equatable {
    let run: String?
    let host: String?
    let since: String
    let backend: Int

    /// In words: run, host and since when.
    package var description: String {
      let who = run.map { "run \($0)" } ?? "another program"
      let place = host.map { " on host \($0)" } ?? ""
      return "\(who)\(place) has had it since \(since) (server process \(backend))"
    }
  }

  /// What this program's sessions are called while they hold a lock, so that others can name them.
  package static let title = "vector-ferry run "

  /// Takes the lock, inside the transaction that is to hold it.
  package func take() throws {
    try connection.query(
      "SELECT set_config('application_name', \("\(Self.title)\(run)"), true)")
    let taken: Bool? = try connection.scalar("SELECT pg_try_advisory_xact_lock(\(key))")
    guard taken != true else { return }
    let holder = try holder()
    let isOwn = holder?.run == run.description
    if isOwn, let holder {
      // A store is in the hands of one worker: this session is one that broke, and that the server
      // has not missed yet.
      _ = try? connection.query("SELECT pg_terminate_backend(\(holder.backend)::int)")
    }
    throw Taken(holder: holder, isOwn: isOwn)
  }

  private var key: Int {
    AdvisoryLock.store(table: table, user: store.user, collection: store.collection)
  }

  /// Looks for the holder among the server's sessions.
  private func holder() throws -> Holder? {
    // The lock table shows a key in two halves.
    let rows = try connection.query(
      """
      SELECT r.id::text, r.host, to_char(a.xact_start AT TIME ZONE 'UTC',
             'YYYY-MM-DD HH24:MI:SS "UTC"'), a.pid::bigint
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      LEFT JOIN vector_ferry.runs r ON a.application_name = \(Self.title) || r.id::text
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid::bigint = \(key >> 32) AND l.objid::bigint = \(key & 0xFFFF_FFFF)
      """)
    guard rows.rowCount > 0 else { return nil }
    return Holder(
      run: try rows.optional(0, 0), host: try rows.optional(0, 1),
      since: try rows.optional(0, 2) ?? "an unknown time", backend: try rows.value(0, 3))
  }
}
