package import Machine
package import Postgres
internal import OwnSchema
package import Stores

/// The lock of a store: a worker holds it while it works on the store, until the transaction ends.
///
/// The lock belongs to the transaction, not to the session: it ends with the transaction even where
/// a pooler reuses or loses the session. A worker tries to take the lock and never waits for it,
/// because a waiting session holds a snapshot.
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

  /// The error that another session holds the store's lock.
  package struct Taken: FailureCause {
    /// The run that holds the lock; nil where the server does not report it, or the lock was
    /// released meanwhile.
    package let holder: Holder?
    /// True where this same run holds the lock, through an earlier session whose connection broke;
    /// the server has not noticed this yet.
    let isOwn: Bool

    package var failure: Failure {
      Failure(
        .taken, holder?.description ?? "another run has the store",
        remedy: "run again when that run is done, or let this run wait for it with --wait")
    }
  }

  /// The run that holds a store's lock.
  package struct Holder: Sendable, Equatable {
    let run: String?
    let host: String?
    let since: String
    let backend: Int

    /// The description of the run: its id, its host, and the time since when it has held the lock.
    package var description: String {
      let who = run.map { "run \($0)" } ?? "another program"
      let place = host.map { " on host \($0)" } ?? ""
      return "\(who)\(place) has held the store since \(since) (server process \(backend))"
    }
  }

  /// The beginning of the application name that a session has while it holds a lock, so that other
  /// runs can name the holder.
  package static let title = "vector-ferry run "

  /// The queries that try to take the lock; they must run in the transaction that is to hold the
  /// lock.
  package var questions: [SQL] {
    [
      "SELECT set_config('application_name', \("\(Self.title)\(run)"), true)",
      "SELECT pg_try_advisory_xact_lock(\(key))",
    ]
  }

  /// Takes the lock; must be called in the transaction that is to hold the lock.
  package func take() throws {
    var answers = QueryAnswers(try connection.query(each: questions))
    try confirm(&answers)
  }

  /// Throws where the answers to `questions` say that another session holds the lock.
  package func confirm(_ answers: inout QueryAnswers) throws {
    _ = try answers.next()
    let taken: Bool? = try answers.next().optional(0, 0)
    guard taken != true else { return }
    let holder = try holder()
    let isOwn = holder?.run == run.description
    if isOwn, let holder {
      // Only one worker of a run works on a store: this session is one whose connection broke,
      // which the server has not noticed yet.
      _ = try? connection.query("SELECT pg_terminate_backend(\(holder.backend)::int)")
    }
    throw Taken(holder: holder, isOwn: isOwn)
  }

  private var key: Int {
    AdvisoryLock.store(table: table, user: store.user, collection: store.collection)
  }

  /// Finds the session that holds the lock.
  private func holder() throws -> Holder? {
    // The lock table shows a key in two halves.
    let rows = try connection.query(
      EntryQueries.lockHolder(title: Self.title, upperHalf: key >> 32, lowerHalf: key & 0xFFFF_FFFF)
    )
    guard rows.rowCount > 0 else { return nil }
    return Holder(
      run: try rows.optional(0, 0), host: try rows.optional(0, 1),
      since: try rows.optional(0, 2) ?? "an unknown time", backend: try rows.value(0, 3))
  }
}
