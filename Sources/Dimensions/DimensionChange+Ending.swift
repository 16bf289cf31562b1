internal import Ledger
internal import Postgres

extension DimensionChange {
  /// Drops the old column, so that the change cannot be undone any more.
  package func finish() throws -> ChangeRecord {
    try end { change, column in
      guard change.state == .swapped else {
        throw Failure(
          .preflight, "the change of \(change.table) has not swapped the columns yet",
          remedy: "continue the change first: dimensions change --table \(change.table)")
      }
      try settle(change, column)
      try session.retryingLock {
        try FollowTrigger(change, column, on: connection).remove()
        try connection.execute(
          script: "ALTER TABLE \(column.sql) DROP COLUMN \(column.otherColumn(change.from))")
        try records.set(.finished, of: change.id)
      }
    }
  }

  /// Restores the column as it was before the change; throws where rows have a new vector but no
  /// old one.
  package func undo() throws -> ChangeRecord {
    try end { change, column in
      if change.state == .swapped {
        try putBackUnlessLost(change, column)
        try settle(change, column)
        return
      }
      try session.retryingLock {
        try FollowTrigger(change, column, on: connection).remove()
        try connection.execute(
          script: "ALTER TABLE \(column.sql) DROP COLUMN \(column.otherColumn(change.to))")
        try records.set(.undone, of: change.id)
      }
    }
  }

  /// Restores the old column after the swap; throws where rows have a new vector but no old one.
  ///
  /// An index finds such rows quickly, so that other sessions do not wait for a lock while all rows
  /// are read.
  private func putBackUnlessLost(_ change: ChangeRecord, _ column: VectorColumn) throws {
    let lost = QualifiedName(schema: column.schema, column.related("\(change.id)_lost_idx"))
    try session.buildIndex(
      lost, "ON \(column.sql) (\(column.key)) WHERE \(isLost(change, column))")
    do {
      try refuseLoss(change, column)
      try session.retryingLock {
        try connection.query("LOCK TABLE \(column.sql) IN ACCESS EXCLUSIVE MODE")
        let trigger = try FollowTrigger(change, column, on: connection)
        try refuseUnfollowed(trigger)
        try column.refuseLaterTriggers(on: connection)
        try trigger.remove()
        try refuseLoss(change, column)
        try putBack(change, column)
        try records.set(.undone, of: change.id)
      }
    } catch {
      if connection.isUsable {
        connection.uninterruptibly {
          _ = try? connection.execute(alone: "DROP INDEX CONCURRENTLY IF EXISTS \(lost)")
        }
      }
      throw error
    }
  }

  private func isLost(_ change: ChangeRecord, _ column: VectorColumn) -> SQL {
    "\(column.otherColumn(change.from)) IS NULL AND \(column.name) IS NOT NULL"
  }

  /// Drops the new column and its indexes, and gives the old column its name again.
  ///
  /// Afterwards `settle` checks the old column for nulls.
  private func putBack(_ change: ChangeRecord, _ column: VectorColumn) throws {
    try connection.execute(
      script: """
        ALTER TABLE \(column.sql) DROP COLUMN \(column.name);
        ALTER TABLE \(column.sql)
          RENAME COLUMN \(column.otherColumn(change.from)) TO \(column.name);
        """)
    guard change.mustBeGiven else { return }
    try connection.execute(
      script: """
        ALTER TABLE \(column.sql) DROP CONSTRAINT IF EXISTS \(constraint(change, column));
        ALTER TABLE \(column.sql) ADD CONSTRAINT \(constraint(change, column))
          CHECK (\(column.name) IS NOT NULL) NOT VALID;
        """)
  }

  /// Finishes earlier calls of `undo` that were killed before their last step.
  func settleUndone(_ column: VectorColumn) throws {
    for change in try records.all()
    where change.state == .undone && change.table == column.table
      && change.column == column.name.name
    {
      try settle(change, column)
    }
  }

  /// Throws where the trigger is not enabled ALWAYS: the old column may then contain vectors whose
  /// counterparts in the new column have changed.
  private func refuseUnfollowed(_ trigger: FollowTrigger) throws {
    guard try !trigger.isAlwaysOn() else { return }
    let table = trigger.column.table
    throw Failure(
      .preflight,
      "the trigger \(trigger.name.name) of \(table) is not enabled ALWAYS: for vectors written "
        + "since the swap, the old column may still have older vectors",
      remedy: "only if no vectors were written since: ALTER TABLE \(table) ENABLE ALWAYS TRIGGER "
        + "\(trigger.name)")
  }

  private func refuseLoss(_ change: ChangeRecord, _ column: VectorColumn) throws {
    let rows: Int? = try connection.scalar(
      "SELECT count(*) FROM \(column.sql) WHERE \(isLost(change, column))")
    guard let rows, rows > 0 else { return }
    throw Failure(
      .preflight,
      "\(rows) rows were written since the swap and have no vector of \(change.from) dimensions",
      remedy:
        "write their vectors into \(column.otherColumn(change.from).name), or delete those rows")
  }

  private func end(_ body: (ChangeRecord, VectorColumn) throws -> Void) throws -> ChangeRecord {
    try session.open()
    let column = try VectorColumn(options.table, column: options.column, on: connection)
    try refuseMissingRights(column)
    try ChangeRepair(session: session).run()
    try settleUndone(column)
    guard let change = try records.open(column) else {
      throw Failure(
        .preflight, "no change of \(column.table).\(column.name.name) is open",
        remedy: "vector-ferry dimensions status shows all changes")
    }
    try body(change, column)
    return try records.all().first { $0.id == change.id } ?? change
  }
}
