internal import Layouts
internal import Clock
internal import Glibc
package import Postgres
internal import OwnSchema
internal import Schema

/// Builds one index as it was planned.
package struct IndexBuild {
  let plan: BuildPlan
  let connection: Connection
  let watcher: Connection?
  let observe: (IndexEvent) -> Void

  /// What a build has come to.
  package struct Outcome: Sendable, Equatable {
    /// The index.
    package let index: QualifiedName
    /// What is remembered about it.
    package let note: BuildNote
    /// Its size on disk.
    package let bytes: Int
    /// INVALID indexes that were dropped first.
    package let removed: [String]
    /// Sessions that it waited for.
    package let blockers: [Blocker]
    /// What the server said about memory; nil where it had enough.
    package let memoryNotice: String?
  }

  /// A build on `connection`, followed from `watcher`.
  package init(
    _ plan: BuildPlan, on connection: Connection, watcher: Connection?,
    observe: @escaping (IndexEvent) -> Void = { _ in }
  ) {
    self.plan = plan
    self.connection = connection
    self.watcher = watcher
    self.observe = observe
  }

  /// Builds it under the table's lock.
  ///
  /// Throws `IndexBuiltMeanwhile` where another session has just been quicker.
  package func run() throws -> Outcome {
    try IndexLock(connection: connection, table: plan.facts.table).with {
      if let index = try IndexCatalogue(plan.facts, connection: connection).serving().first {
        throw IndexBuiltMeanwhile(index: index)
      }
      return try build()
    }
  }

  /// Builds it; whoever calls has the lock.
  func build() throws -> Outcome {
    try BuildSession(connection: connection, memory: plan.memory, workers: plan.workers).with {
      let removed = try removeLeftovers()
      let start = MonotonicClock.seconds()
      observe(.building(plan))
      var notices: [String] = []
      connection.onNotice { notice in
        guard notice.severity != "DEBUG" else { return }
        notices.append(notice.message)
        observe(.notice(notice.message))
      }
      defer { connection.onNotice { _ in } }
      let watch = try create()
      let outcome = try remember(
        seconds: MonotonicClock.seconds() - start, notices: notices, removed: removed,
        blockers: watch.blockers)
      watch.end()
      return outcome
    }
  }

  /// A build that broke leaves an INVALID index of this name, over which the next one would stumble;
  /// those of other names are for `IndexRepair`.
  private func removeLeftovers() throws -> [String] {
    let table = plan.facts.table.catalogueName
    let invalid = InvalidIndexes(of: table, on: connection)
    guard try !invalid.found(named: plan.index.quoted).isEmpty else { return [] }
    try awaitBuilder(invalid)
    let drop = ConcurrentDrop(
      connection: connection, watcher: watcher, table: table, observe: observe)
    return try invalid.found(named: plan.index.quoted).map { index in
      try drop.run(index.name, remedy: "vector-ferry index build, when nobody is in the way")
      observe(.leftoverRemoved(index.name))
      return index.name
    }
  }

  /// One that is being built is INVALID, too; a server that has lost its client notices soon.
  private func awaitBuilder(_ invalid: InvalidIndexes) throws {
    for _ in 0..<50 {
      if try invalid.builder() == nil { return }
      usleep(200_000)
    }
    guard let builder = try invalid.builder() else { return }
    throw SchemaError(
      "process \(builder) is building \(plan.index)",
      remedy: "wait for it, or: SELECT pg_cancel_backend(\(builder))")
  }

  private func create() throws -> BuildWatch {
    let watch = BuildWatch(
      connection.backendPID, rows: plan.facts.rows, isConcurrent: plan.isConcurrent,
      from: watcher, observe: observe)
    do {
      try connection.execute(alone: plan.statement) { watch.look() }
    } catch {
      // The first error is the one to report; what the build left goes if it can.
      if plan.isConcurrent {
        BuildRemains(
          connection: connection, table: plan.facts.table.catalogueName, observe: observe
        ).clear(named: plan.index.quoted)
      }
      tellOfStraggler()
      throw error
    }
    return watch
  }

  /// Some work of pgvector heeds no cancellation for minutes, as k-means with very many lists: then
  /// the server goes on for nobody, and others wait for it.
  private func tellOfStraggler() {
    guard let watcher, watcher.isUsable else { return }
    let process = connection.backendPID
    let goesOn: Bool? = watcher.uninterruptibly {
      try? watcher.scalar("SELECT state = 'active' FROM pg_stat_activity WHERE pid = \(process)")
    }
    guard goesOn == true else { return }
    observe(
      .notice(
        "process \(process) of the server has not stopped yet, and keeps its locks on "
          + "\(plan.facts.table.name) until it does: vector-ferry index status"))
  }

  /// Writes down what a later look wants to know.
  private func remember(
    seconds: Double, notices: [String], removed: [String], blockers: [Blocker]
  ) throws -> Outcome {
    let facts = try connection.query(
      """
      SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             pg_relation_filenode(to_regclass(\(plan.index.quoted)))::int8
      """)
    let exceeded = notices.first { $0.contains("no longer fits into maintenance_work_mem") }
    let note = BuildNote(
      rows: plan.facts.rows, seconds: (seconds * 10).rounded() / 10, moment: try facts.value(0, 0),
      memoryLasted: exceeded.flatMap(Self.number), file: try facts.optional(0, 1))
    try connection.execute(
      script: "COMMENT ON INDEX \(plan.index) IS \(Literal(note.comment))")
    let built = try IndexCatalogue(plan.facts, connection: connection).all()
      .first { $0.name == plan.index }
    return Outcome(
      index: plan.index, note: note, bytes: built?.bytes ?? 0, removed: removed,
      blockers: blockers, memoryNotice: exceeded)
  }

  /// The number in "… after 8000 tuples".
  private static func number(in notice: String) -> Int? {
    notice.split(separator: " ").compactMap { Int($0) }.last
  }
}

/// Another session has built an index while this one was being planned.
package struct IndexBuiltMeanwhile: Error, Sendable {
  /// The index that is there now.
  package let index: TableIndex
}
