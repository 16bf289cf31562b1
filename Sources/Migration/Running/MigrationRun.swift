internal import Clock
internal import Doctor
internal import Embedding
internal import Files
internal import Models
package import Ledger
package import Postgres
package import Stores
internal import Synchronization
internal import VectorMath

/// Runs a migration from scan to report.
package final class MigrationRun: Sendable {
  let options: MigrationOptions
  let keys: KeyRing
  let connect: @Sendable () throws -> Connection
  /// Opens the first session; nil where the run creates the server later.
  let connectFirst: @Sendable () throws -> Connection?
  let journal: JournalRecorder
  let hooks: StageHooks
  /// Throws where the operator refuses a first run into this database.
  let confirmFirstRun: @Sendable (MigrationPlan) throws(Failure) -> Void
  /// Called after all checks have passed, before anything is written to a database that already
  /// existed.
  let beforeWriting: @Sendable () throws -> Void
  private let quiet: QuietPeriod
  /// The number of times that a store is retried; tests may set another number.
  let retries: Int
  /// Opens new sessions where those of the run break.
  let reconnection: Reconnection
  let events: EventQueue
  let timings = RunTimings()
  let isInterrupted: @Sendable () -> Bool
  let startedAt = CalendarTime.now()
  private let clock = ContinuousClock()
  private let engine = Mutex<Engine?>(nil)
  /// The dimension of the vectors that a service makes; nil where the vectors of the files are used.
  let newDimensions = Mutex<Int?>(nil)
  /// The request that has shown this dimension, which counts for the limits of the run.
  let firstRequest = Mutex<Embedder.EarlierRequests?>(nil)

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - connect: opens a session with the target, and may wait for a server that is starting.
  ///   - reconnect: opens another session where one broke, and does not wait.
  ///   - connectFirst: as `connect`, for the checks that come first; returns nil where there is no
  ///     server yet, which is then created when the stores are known.
  ///   - journal: keeps the operator's record of a live run.
  ///   - environment: read for test hooks, for the number of retries, and for how long files must
  ///     have been unchanged.
  ///   - follow: gets each event when it occurs.
  ///   - observe: gets the events of each store together, while several stores are migrated at once.
  ///   - confirmFirstRun: called before anything is written to a database without a ledger; throws
  ///     where the operator says no.
  ///   - beforeWriting: called when every check has passed; an error that it throws ends the run.
  package init(
    options: MigrationOptions, keys: KeyRing, journal: JournalRecorder,
    environment: [String: String] = [:], isInterrupted: @escaping @Sendable () -> Bool = { false },
    connect: @escaping @Sendable () throws -> Connection,
    reconnect: @escaping @Sendable () throws -> Connection,
    connectFirst: (@Sendable () throws -> Connection?)? = nil,
    follow: @escaping @Sendable (MigrationEvent) -> Void = { _ in },
    observe: @escaping @Sendable (MigrationEvent) -> Void,
    confirmFirstRun: @escaping @Sendable (MigrationPlan) throws(Failure) -> Void = { _ in },
    beforeWriting: @escaping @Sendable () throws -> Void = {}
  ) {
    self.confirmFirstRun = confirmFirstRun
    self.beforeWriting = beforeWriting
    self.options = options
    self.keys = keys
    self.journal = journal
    retries = Retry.limit(environment: environment)
    hooks = StageHooks(environment: environment, isInterrupted: isInterrupted)
    quiet = QuietPeriod(environment: environment, isInterrupted: isInterrupted)
    self.isInterrupted = isInterrupted
    let connecting = Mutex(())
    self.connect = { try connecting.withLock { _ in try connect() } }
    self.connectFirst = connectFirst ?? connect
    let events = EventQueue(record: journal.handle, follow: follow, show: observe)
    self.events = events
    reconnection = Reconnection(
      giveUpAfter: options.giveUpAfter, isInterrupted: isInterrupted,
      connect: { try connecting.withLock { _ in try reconnect() } },
      report: { events.pass(.server($0)) })
  }

  /// Passes an event to the journal, to the display of progress and to the report.
  func observe(_ event: MigrationEvent) { events.pass(event) }

  /// Carries out the run; throws only errors that stop the run as a whole, not those of single
  /// stores.
  package func run() throws(Failure) -> MigrationReport {
    let start = clock.now
    do {
      if let problem = quiet.problem { throw problem }
      let opening = try timings.measure(.opening) { try openDatabase() }
      let found = try timings.measure(.planning) { try scan() }
      let selected = try StoreChoice(options: options) { [self] in
        try journal.failedStores(table: options.table.description, lineage: opening.lineage)
      }.select(from: found)
      observe(.found(selected))
      if !selected.isEmpty { try findNewDimensions() }
      var report =
        try options.mode == .live
        ? live(found: found, selected: selected, opening: opening, since: start)
        : dry(found: found, selected: selected, opening: opening, since: start)
      report.timings = timings.stages
      return report
    } catch let error as Failure where [.interrupted, .backup, .begun].contains(error.kind) {
      throw error
    } catch {
      let cause = Failure(error)
      throw cause.kind == .interrupted
        ? cause : Failure(.preflight, cause.reason, remedy: cause.remedy)
    }
  }

  func seconds(since start: ContinuousClock.Instant) -> Double {
    let duration = clock.now - start
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  var now: ContinuousClock.Instant { clock.now }

  private func scan() throws -> [FoundStore] {
    hooks.reached(.scan)
    try BackupPlacement.check(options)
    return try StoreScanner(
      root: options.userDataDirectory, place: options.place,
      excluding: [options.backupDirectory]
    ).stores()
  }

  /// Returns the engine for all arithmetic; it is created when it is first needed.
  func mathEngine() throws -> Engine {
    try engine.withLock { engine in
      if let engine { return engine }
      let made = try Engine(isStopped: { StopRequest.isMade })
      engine = made
      return made
    }
  }

  func plan(
    found: [FoundStore], selected: [FoundStore], database: DatabaseState?, isTaken: Bool = false
  ) throws -> MigrationPlan {
    if let database, !options.allowedLosses.isEmpty {
      let references = try database.table.map { try References(to: $0, on: database.connection) }
      try References.checkNames(options.allowedLosses, in: references.map { [$0] } ?? [])
    }
    let planner = Planner(
      options: options, keys: keys,
      database: database.map {
        DatabaseAnswers($0, options: options, isInterrupted: isInterrupted)
      }, isTaken: isTaken,
      shared: SharedModels(found: found, engine: mathEngine, isInterrupted: isInterrupted),
      newDimensions: newDimensions.withLock { $0 }, quiet: quiet, engine: mathEngine,
      isInterrupted: isInterrupted)
    let make = {
      try planner.plan(found: found, selected: selected) { [self] store in
        if isInterrupted() { throw Failure(.interrupted, "interrupted") }
        observe(.examining(store))
      }
    }
    // Policies of row-level security may run any code on a row that is read.
    let stores = try timings.measure(.planning) {
      try database.map { try $0.connection.handlingRows(make) } ?? make()
    }
    var plan = adding(index: stores, rows: database?.rows ?? 0)
    plan.jobs = options.jobs.resolved(
      stores: plan.toMigrate.count,
      freeConnections: try database.map { try freeConnections($0.connection) })
    observe(.planned(plan))
    return plan
  }

  /// Counts the further sessions that the run may open; returns zero behind a pooler, whose own
  /// limit is not known.
  private func freeConnections(_ connection: Connection) throws -> Int {
    guard options.jobs == .automatic, !connection.isPooled else { return 0 }
    return try connection.freeConnections() ?? 0
  }
}
