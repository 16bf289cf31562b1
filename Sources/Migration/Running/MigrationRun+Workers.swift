internal import Layouts
internal import Ledger
internal import Postgres
internal import Stores
internal import Synchronization

extension MigrationRun {
  /// The run's verified copies, by store.
  typealias StoreCopies = [StoreName: Result<String, Failure>]

  /// The state that the workers of a run share.
  private final class SharedWork: Sendable {
    let plan: MigrationPlan
    let copies: StoreCopies
    let queue: StoreQueue
    private let results: Mutex<[Int: StoreResult]>
    private let outage = Mutex<Failure?>(nil)

    init(plan: MigrationPlan, copies: StoreCopies) {
      self.plan = plan
      self.copies = copies
      queue = StoreQueue(count: plan.stores.count)
      results = Mutex([:])
    }

    func note(_ result: StoreResult, at place: Int) {
      results.withLock { $0[place] = result }
    }

    /// Records that a worker can no longer open a session.
    func stop(_ failure: Failure) { outage.withLock { $0 = failure } }

    /// The reason why a worker had to stop; nil where no worker had to stop.
    var stopped: Failure? { outage.withLock { $0 } }

    func isDone(_ place: Int) -> Bool { results.withLock { $0[place] != nil } }

    /// The results in the order of the plan; stores that were not begun have no result.
    var inOrder: [StoreResult] {
      results.withLock { results in plan.stores.indices.compactMap { results[$0] } }
    }
  }

  /// Migrates all stores, with as many workers as the operator wants.
  func migrate(_ plan: MigrationPlan, copies: StoreCopies, session: inout LiveSession) throws
    -> (results: [StoreResult], outage: Failure?)
  {
    let shared = SharedWork(plan: plan, copies: copies)
    let jobs = plan.jobs
    if jobs > 1 {
      events.keepStoresTogether()
      // Where no engine can be created, the run stops before any store is begun.
      _ = try mathEngine()
    }
    let prepared = session.prepared
    runWorkers(jobs) {
      work(shared, session: &session)
    } other: {
      do {
        var own = LiveSession(connection: try connect(), prepared: prepared)
        work(shared, session: &own)
      } catch {
        // There is one connection less: the other workers continue.
        observe(.connectionRefused(Failure(error)))
      }
    }
    if shared.stopped != nil { reportWhatNeedsNoServer(shared) }
    return (shared.inOrder, shared.stopped)
  }

  /// Reports the stores that the plan does not change; no server is needed for them.
  private func reportWhatNeedsNoServer(_ shared: SharedWork) {
    for (place, store) in shared.plan.stores.enumerated()
    where !shared.isDone(place) && !store.action.writes && !isInterrupted() {
      finish(
        StoreResult(
          planned: store, outcome: Self.preview(store), contents: store.contents,
          measurement: nil, backup: nil, seconds: 0),
        at: place, of: shared)
    }
  }

  /// Migrates one store after another, until none is left or the operator wants to stop.
  private func work(_ shared: SharedWork, session: inout LiveSession) {
    while !isInterrupted(), let (place, isSecondVisit) = shared.queue.next() {
      let store = shared.plan.stores[place]
      let copy = shared.copies[store.name]
      do {
        if isSecondVisit, options.waits { try waitForOther(store, session: &session) }
        let result = try migrate(store, session: &session, backup: copy)
        if case .unchanged = result.outcome, store.action.writes { shared.queue.reverse() }
        finish(result, at: place, of: shared)
      } catch let taken as StoreLock.Taken where !isSecondVisit || options.waits {
        if !isSecondVisit { report(taken, about: store, isWaitedFor: options.waits) }
        shared.queue.postpone(place)
      } catch {
        finish(
          StoreResult(
            planned: store, outcome: .failed(Failure(error)), contents: store.contents,
            measurement: nil, backup: try? copy?.get(), seconds: 0),
          at: place, of: shared)
      }
      if !session.connection.isUsable, let failure = reconnection.failure {
        return shared.stop(failure)
      }
    }
  }

  private func finish(_ result: StoreResult, at place: Int, of shared: SharedWork) {
    shared.note(result, at: place)
    if result.failure == nil { reconnection.completed() }
    observe(.storeFinished(result))
  }

  private func report(_ taken: StoreLock.Taken, about store: PlannedStore, isWaitedFor: Bool) {
    observe(
      .storeTaken(
        store, holder: taken.holder?.description ?? "another run has it",
        isWaitedFor: isWaitedFor))
  }

  /// Waits until no other run holds the store's lock.
  ///
  /// Each attempt to take the lock is a short transaction, so that no snapshot is held between the
  /// attempts.
  private func waitForOther(_ store: PlannedStore, session: inout LiveSession) throws {
    while true {
      do {
        return try persist(with: store, session: &session) {
          _ = try look(at: store, session: $0)
        }
      } catch is StoreLock.Taken {
        guard Retry.wait(0.5, isInterrupted: isInterrupted) else {
          throw PostgresError.interrupted
        }
      }
    }
  }

  /// Returns the ledger's entry of a store, nil where the ledger does not list it; throws where
  /// another run holds the store.
  ///
  /// Called before the store is loaded. The lock is only tried, and released at once.
  func look(at store: PlannedStore, session: LiveSession) throws -> LedgerEntry? {
    let connection = session.connection
    let lock = StoreLock(
      connection: connection, table: session.table.name, store: store.name, run: session.run)
    let ledger = LedgerReader(connection: connection, table: session.table)
    // Outside of transactions, queries that are sent together are one transaction.
    var answers = QueryAnswers(
      try connection.query(each: lock.questions + ledger.questions(about: store.name)))
    try lock.confirm(&answers)
    return try ledger.entry(from: &answers)
  }

  /// Calls `body`, which prepares the database, until it succeeds or fails for good; opens a new
  /// connection where the connection broke.
  func persist<Result>(on first: Connection, _ body: (Connection) throws -> Result) throws
    -> Result
  {
    var connection = first
    return try reconnection.persist(
      on: &connection, limit: retries,
      retried: { observe(.setUpRetried($0, seconds: $1)) }, body)
  }

  /// Calls `load` until it succeeds or fails for good; opens a new connection where the connection
  /// broke.
  func persist<Result>(
    with store: PlannedStore, session: inout LiveSession, load: (LiveSession) throws -> Result
  ) throws -> Result {
    var connection = session.connection
    defer { session.connection = connection }
    var own = session
    return try reconnection.persist(
      on: &connection, limit: retries,
      retried: { observe(.storeRetried(store, $0, seconds: $1)) }
    ) { usable in
      own.connection = usable
      return try load(own)
    }
  }
}
