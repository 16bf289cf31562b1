internal import Postgres
internal import Schema
internal import Stores
internal import Synchronization

extension MigrationRun {
  /// The run's verified copies, by store, where copies are made.
  typealias Copies = [StoreName: Result<String, Failure>]

  /// What the workers of a run share.
  private final class Shift: Sendable {
    let plan: MigrationPlan
    let copies: Copies
    let queue: StoreQueue
    private let results: Mutex<[Int: StoreResult]>

    init(plan: MigrationPlan, copies: Copies) {
      self.plan = plan
      self.copies = copies
      queue = StoreQueue(count: plan.stores.count)
      results = Mutex([:])
    }

    func note(_ result: StoreResult, at place: Int) {
      results.withLock { $0[place] = result }
    }

    /// In the order of the plan; what was not begun has none.
    var inOrder: [StoreResult] {
      results.withLock { results in plan.stores.indices.compactMap { results[$0] } }
    }
  }

  /// Carries all stores over, as many at a time as were asked for.
  func carry(_ plan: MigrationPlan, copies: Copies, session: inout LiveSession) throws
    -> [StoreResult]
  {
    let shift = Shift(plan: plan, copies: copies)
    let jobs = min(options.jobs, plan.toMigrate.count)
    if jobs > 1 {
      desk.keepStoresTogether()
      // Made before there are threads that would each make one.
      _ = try mathEngine()
    }
    let first = session
    withCrew(jobs) { number in
      var own = first
      do {
        if number > 0 { own.connection = try connect() }
        work(shift, session: &own)
      } catch {
        // One connection less: the others carry on.
        observe(.connectionRefused(Failure(error)))
      }
      if number == 0 { session = own }
    }
    return shift.inOrder
  }

  /// One worker's way through the stores, until none is left or the operator wants to stop.
  private func work(_ shift: Shift, session: inout LiveSession) {
    while !isInterrupted(), let (place, isSecondVisit) = shift.queue.next() {
      let store = shift.plan.stores[place]
      let copy = shift.copies[store.name]
      do {
        if isSecondVisit, options.waits { try waitForOther(store, session: &session) }
        let result = try carry(store, session: &session, backup: copy)
        if case .unchanged = result.outcome, store.isToBeWritten { shift.queue.meetOther() }
        finish(result, at: place, of: shift)
      } catch let taken as StoreLock.Taken where !isSecondVisit || options.waits {
        if !isSecondVisit { tell(taken, about: store, isWaitedFor: options.waits) }
        shift.queue.comeBack(to: place)
      } catch {
        finish(
          StoreResult(
            planned: store, outcome: .failed(Failure(error)), contents: store.contents,
            fidelity: nil, backup: try? copy?.get(), seconds: 0),
          at: place, of: shift)
      }
    }
  }

  private func finish(_ result: StoreResult, at place: Int, of shift: Shift) {
    shift.note(result, at: place)
    observe(.storeFinished(result))
  }

  private func tell(_ taken: StoreLock.Taken, about store: PlannedStore, isWaitedFor: Bool) {
    observe(
      .storeTaken(
        store, holder: taken.holder?.description ?? "another run has it",
        isWaitedFor: isWaitedFor))
  }

  /// Asks for the store's lock again and again, each time in a short transaction of its own, so
  /// that no snapshot is held meanwhile.
  private func waitForOther(_ store: PlannedStore, session: inout LiveSession) throws {
    while true {
      do {
        return try persist(with: store, session: &session) { try probe(store, session: $0) }
      } catch is StoreLock.Taken {
        guard Retry.wait(0.5, isInterrupted: isInterrupted) else {
          throw PostgresError.interrupted
        }
      }
    }
  }

  /// Finds out whether another run has the store, before anything is read for it.
  func probe(_ store: PlannedStore, session: LiveSession) throws {
    try session.connection.transaction {
      try StoreLock(
        connection: session.connection, table: session.table.name, store: store.name,
        run: session.run
      ).take()
    }
  }

  /// Calls `body` until it succeeds or fails for good, on a new connection where one broke.
  func persist<Result>(on first: Connection, _ body: (Connection) throws -> Result) throws
    -> Result
  {
    var retry = Retry(limit: retries)
    var connection = first
    while true {
      do {
        if !connection.isUsable { connection = try connect() }
        return try body(connection)
      } catch {
        guard let pause = retry.pause(after: error) else { throw error }
        observe(.setUpRetried(Failure(error), seconds: pause))
        guard Retry.wait(pause, isInterrupted: isInterrupted) else {
          throw PostgresError.interrupted
        }
      }
    }
  }

  /// Calls `load` until it succeeds or fails for good, after longer and longer pauses.
  func persist<Result>(
    with store: PlannedStore, session: inout LiveSession, load: (LiveSession) throws -> Result
  ) throws -> Result {
    var retry = Retry(limit: retries)
    while true {
      do {
        // A connection that broke during the store before is no reason to give up this one.
        if !session.connection.isUsable { session.connection = try connect() }
        return try load(session)
      } catch {
        guard let pause = retry.pause(after: error) else { throw error }
        observe(.storeRetried(store, Failure(error), seconds: pause))
        guard Retry.wait(pause, isInterrupted: isInterrupted) else {
          throw PostgresError.interrupted
        }
      }
    }
  }
}

extension PlannedStore {
  /// The plan has something to write for it.
  var isToBeWritten: Bool {
    switch action {
    case .insert, .replace: true
    case .unchanged, .refuse: false
    }
  }
}
