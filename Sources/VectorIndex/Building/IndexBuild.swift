internal import Layouts
internal import Clock
internal import Glibc
package import Postgres
internal import OwnSchema
internal import Schema

/// Builds one index according to a plan.
package struct IndexBuild {
  let plan: BuildPlan
  let connection: Connection
  let watcher: Connection?
  let observe: (IndexEvent) -> Void

  /// The result of a build.
  package struct Outcome: Sendable, Equatable {
    /// The name of the index.
    package let index: QualifiedName
    /// The facts about the build that are recorded in the index's comment.
    package let note: BuildNote
    /// The size of the index on disk, in bytes.
    package let bytes: Int
    /// The INVALID indexes that were dropped before the build.
    package let removed: [String]
    /// The sessions that the build waited for.
    package let blockers: [Blocker]
    /// The server's notice that the index did not fit into memory during the build; nil where there
    /// was no such notice.
    package let memoryNotice: String?
  }

  /// Creates a build in the session `connection`; the session `watcher` reads the progress of the
  /// build.
  package init(
    _ plan: BuildPlan, on connection: Connection, watcher: Connection?,
    observe: @escaping (IndexEvent) -> Void = { _ in }
  ) {
    self.plan = plan
    self.connection = connection
    self.watcher = watcher
    self.observe = observe
  }

  /// Takes the lock for the table's indexes, and builds the index.
  ///
  /// Throws `IndexBuiltMeanwhile` where another session has built the index since the plan was
  /// made.
  package func run() throws -> Outcome {
    try IndexLock(connection: connection, table: plan.facts.table).with {
      if let index = try IndexCatalogue(plan.facts, connection: connection).serving().first {
        throw IndexBuiltMeanwhile(index: index)
      }
      return try build()
    }
  }

  /// Builds the index; the caller holds the lock for the table's indexes.
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

  /// Drops INVALID indexes with the name of the new index, which failed builds have left behind:
  /// the new build would fail because of them.
  ///
  /// INVALID indexes with other names are left to `IndexRepair`.
  private func removeLeftovers() throws -> [String] {
    let table = plan.facts.table.catalogueName
    let invalid = InvalidIndexes(of: table, on: connection)
    guard try !invalid.found(named: plan.index.quoted).isEmpty else { return [] }
    try awaitBuilder(invalid)
    let drop = ConcurrentDrop(
      connection: connection, watcher: watcher, table: table, observe: observe)
    return try invalid.found(named: plan.index.quoted).map { index in
      try drop.run(
        index.name, remedy: "run vector-ferry index build once no other session uses the index"
      )
      observe(.leftoverRemoved(index.name))
      return index.name
    }
  }

  /// Waits until no other session builds an index of the table, because an index is INVALID during
  /// its build.
  ///
  /// The server soon stops a build whose client was killed. Throws where a build has not ended
  /// after ten seconds.
  private func awaitBuilder(_ invalid: InvalidIndexes) throws {
    for _ in 0..<50 {
      if try invalid.builder() == nil { return }
      usleep(200_000)
    }
    guard let builder = try invalid.builder() else { return }
    throw SchemaError(
      "process \(builder) is building \(plan.index)",
      remedy:
        "wait until that process ends, or cancel its statement: SELECT "
        + "pg_cancel_backend(\(builder))"
    )
  }

  private func create() throws -> BuildWatch {
    let watch = BuildWatch(
      connection.backendPID, rows: plan.facts.rows, isConcurrent: plan.isConcurrent,
      from: watcher, observe: observe)
    do {
      try connection.execute(alone: plan.statement) { watch.look() }
    } catch {
      // The first error is the one to report; what the build left is dropped where possible.
      if plan.isConcurrent {
        BuildRemains(
          connection: connection, table: plan.facts.table.catalogueName, observe: observe
        ).clear(named: plan.index.quoted)
      }
      reportUnstoppedProcess()
      throw error
    }
    return watch
  }

  /// Reports a server process that still works after its statement was cancelled.
  ///
  /// Some work of pgvector, such as k-means with very many lists, does not react for minutes; the
  /// process keeps its locks meanwhile.
  private func reportUnstoppedProcess() {
    guard let watcher, watcher.isUsable else { return }
    let process = connection.backendPID
    let goesOn: Bool? = watcher.uninterruptibly {
      try? watcher.scalar("SELECT state = 'active' FROM pg_stat_activity WHERE pid = \(process)")
    }
    guard goesOn == true else { return }
    observe(
      .notice(
        "process \(process) of the server has not stopped yet, and keeps its locks on "
          + "\(plan.facts.table.name) meanwhile; look at the index with: vector-ferry index status")
    )
  }

  /// Records facts about the build in the index's comment, for later commands.
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

  /// Reads the number in a notice such as "… after 8000 tuples"; nil where there is no number.
  private static func number(in notice: String) -> Int? {
    notice.split(separator: " ").compactMap { Int($0) }.last
  }
}

/// The error where another session has built the index since the build was planned.
package struct IndexBuiltMeanwhile: Error, Sendable {
  /// The index that the other session has built.
  package let index: TableIndex
}
