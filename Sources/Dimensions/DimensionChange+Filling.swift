internal import Models
internal import Ledger
internal import Glibc
internal import Postgres
internal import OwnSchema
internal import VectorMath

extension DimensionChange {
  /// Fills and indexes the new column, and swaps the columns.
  ///
  /// Begins again with an empty column where rows may have changed without the trigger.
  func fill(_ change: ChangeRecord, _ column: VectorColumn) throws {
    let trigger = try FollowTrigger(change, column, on: connection)
    repeat {
      if try !trigger.isReliable() { try startOver(change, column, trigger) }
    } while try !fill(change, column, trigger)
    observe(.swapped)
  }

  /// Empties the new column, because nobody knows which of its vectors are out of date.
  private func startOver(
    _ change: ChangeRecord, _ column: VectorColumn, _ trigger: FollowTrigger
  ) throws {
    if try !column.laterTriggers(on: connection).isEmpty {
      // Without its own trigger the change will start again, even if the later triggers are removed
      // meanwhile.
      try session.retryingLock { try trigger.remove() }
      try column.refuseLaterTriggers(on: connection)
    }
    observe(.startedOver)
    try session.retryingLock {
      try connection.execute(
        script: "ALTER TABLE \(column.sql) DROP COLUMN IF EXISTS \(column.otherColumn(change.to))")
      try addColumn(column, change)
    }
  }

  /// Fills and indexes the new column, and swaps the columns; returns false where rows may have
  /// changed without the trigger meanwhile.
  private func fill(_ change: ChangeRecord, _ column: VectorColumn, _ trigger: FollowTrigger) throws
    -> Bool
  {
    let target = column.otherColumn(change.to)
    var backfill = try backfill(of: change, column)
    try backfill.prepare()
    let queue = QualifiedName(schema: column.schema, column.related("\(change.id)_waiting_idx"))
    try session.buildIndex(
      queue,
      "ON \(column.sql) (\(column.key)) WHERE \(target) IS NULL AND \(column.name) IS NOT NULL")
    try fillAll(&backfill)
    hooks.reached(.changeFilled)
    try buildSearchIndex(change, column, target)
    hooks.reached(.changeIndexed)
    let wait = ChangeWait(limit: options.holdTimeout)
    while true {
      try fillAll(&backfill)
      try session.awaitOlderTransactions()
      switch try swap(change, column, &backfill, queue, trigger) {
      case .done: return true
      case .unfollowed: return false
      case .late:
        observe(.late(seconds: TextBackfill.longestPause, lastBatchLimit: backfill.lastBatchLimit))
        try wait.end("the last rows' embeddings")
      case .behind: try wait.end("a moment at which only few rows lack the new vector")
      }
    }
  }

  private func backfill(of change: ChangeRecord, _ column: VectorColumn) throws -> any Backfill {
    let vector = QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
    let filler = try records.claim(change.id)
    if let model = change.model {
      let embedder = try embedder(for: change)
      let text = try TextColumn(Identifier(model.textColumn), of: column, on: connection)
      observe(
        .embedding(
          try text.survey(waitingFor: column.otherColumn(change.to), on: connection)))
      try refuseOtherVectors(change, text, embedder)
      return TextBackfill(
        change, text, filler: filler, vector: vector, embedder: embedder, hooks: hooks,
        observe: observe, on: connection)
    }
    return ColumnBackfill(
      connection: connection, column: column, target: column.otherColumn(change.to), vector: vector,
      filler: filler, reducer: try reducer(of: change))
  }

  private func reducer(of change: ChangeRecord) throws -> Reducer {
    guard let model = change.projection else {
      return Reducer(.extend(from: change.from, to: change.to))
    }
    return Reducer(
      foreign: try ModelTable(connection: connection).projection(model), engine: try Engine())
  }

  /// Fills rows until at most `lastBatchLimit` rows have no new vector yet.
  private func fillAll(_ backfill: inout any Backfill) throws {
    var total = try backfill.waitingCount()
    var done = 0
    var wait = ChangeWait(limit: options.holdTimeout)
    while true {
      if isInterrupted() { throw Failure(.interrupted, "interrupted: run again to continue") }
      let step = try backfill.fillSome { hooks.reached(.changeBatch) }
      done += step.filled
      // More rows may lack their new vector now than at the beginning.
      if done >= total || step.isLast { total = try done + backfill.waitingCount() }
      let isOver = step.isLast && total - done <= backfill.lastBatchLimit
      if step.filled > 0 {
        wait = ChangeWait(limit: options.holdTimeout)
        observe(.filling(done: done, of: isOver ? done : total))
      }
      if isOver { return }
      guard step.isLast, step.filled == 0 else { continue }
      // Sessions of the application hold the remaining rows.
      usleep(50_000)
      try session.report(&wait, rows: backfill.waiting, of: backfill.column)
    }
  }

  private enum SwapOutcome {
    case done
    /// Some rows have no new vector yet.
    case behind
    /// The embeddings of the last rows were not ready in time.
    case late
    /// Some rows may have changed without the trigger.
    case unfollowed
  }

  /// Gives the new column the original name, after the last rows were filled.
  ///
  /// Where other sessions use the table all the time, a second transaction waits for the lock as
  /// any other transaction does. It holds no other lock, so that no deadlock is possible; but
  /// another session may write before it gets the lock.
  private func swap(
    _ change: ChangeRecord, _ column: VectorColumn, _ backfill: inout any Backfill,
    _ queue: QualifiedName, _ trigger: FollowTrigger
  ) throws -> SwapOutcome {
    let outcome: SwapOutcome? = try session.retryingLock {
      try limitIdleness()
      switch try backfill.fillRest() {
      case .none: return try takeOver(change, column, backfill, queue, trigger)
      case .some: return .behind
      case .late: return .late
      case .inUse: return nil
      }
    }
    return try outcome
      ?? session.retryingLock {
        try limitIdleness()
        return try takeOver(change, column, backfill, queue, trigger)
      }
  }

  /// Limits the time that the open transaction may be idle.
  ///
  /// If this process is stopped while other sessions wait for its lock, the server ends its
  /// session.
  private func limitIdleness() throws(PostgresError) {
    let seconds = Int(3 * TextBackfill.longestPause)
    try connection.execute(
      script: "SET LOCAL idle_in_transaction_session_timeout = '\(number: seconds)s'")
  }

  /// Swaps the columns under the strongest lock; all other sessions wait for these few
  /// milliseconds.
  private func takeOver(
    _ change: ChangeRecord, _ column: VectorColumn, _ backfill: any Backfill,
    _ queue: QualifiedName, _ trigger: FollowTrigger
  ) throws -> SwapOutcome {
    try connection.query("LOCK TABLE \(column.sql) IN ACCESS EXCLUSIVE MODE")
    guard try trigger.isReliable() else { return .unfollowed }
    guard try backfill.waitingCount() == 0 else { return .behind }
    try connection.execute(script: "DROP INDEX \(queue)")
    try column.refuseDependents(on: connection)
    try column.refuseOriginals(on: connection)
    let old = column.otherColumn(change.from)
    try connection.execute(
      script: try column.properties(for: backfill.target, on: connection) + """

        ALTER TABLE \(column.sql) RENAME COLUMN \(column.name) TO \(old);
        ALTER TABLE \(column.sql) RENAME COLUMN \(backfill.target) TO \(column.name);
        """)
    if change.mustBeGiven {
      try connection.execute(
        script: """
          ALTER TABLE \(column.sql) ALTER COLUMN \(old) DROP NOT NULL;
          ALTER TABLE \(column.sql) ADD CONSTRAINT \(constraint(change, column))
            CHECK (\(column.name) IS NOT NULL) NOT VALID;
          """)
    }
    try trigger.write(keeping: old)
    try records.set(.swapped, of: change.id)
    hooks.reached(.changeLocked)
    return .done
  }

  func constraint(_ change: ChangeRecord, _ column: VectorColumn) -> Identifier {
    column.related("\(change.id)_not_null")
  }

  /// Makes the column in use NOT NULL where it was so before the change; the table is not read
  /// under a strong lock.
  func settle(_ change: ChangeRecord, _ column: VectorColumn) throws {
    guard change.mustBeGiven else { return }
    let name = constraint(change, column)
    let isThere: Bool? = try connection.scalar(
      """
      SELECT EXISTS (SELECT FROM pg_constraint
        WHERE conrelid = to_regclass(\(column.table)) AND conname = \(name.name))
      """)
    guard isThere == true else { return }
    try session.retryingLock {
      try connection.execute(script: "ALTER TABLE \(column.sql) VALIDATE CONSTRAINT \(name)")
    }
    hooks.reached(.changeValidated)
    try session.retryingLock {
      try connection.execute(
        script: """
          ALTER TABLE \(column.sql) ALTER COLUMN \(column.name) SET NOT NULL;
          ALTER TABLE \(column.sql) DROP CONSTRAINT \(name);
          """)
    }
  }
}
