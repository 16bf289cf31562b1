internal import Postgres
internal import Schema

extension DimensionChange {
  /// Drops the old column: from then on there is no way back.
  public func finish() throws -> ChangeRecord {
    try end { change, column in
      guard change.state == .swapped else {
        throw Failure(
          .preflight, "the change of \(change.table) is not done yet",
          remedy: "go on with it: dimensions change --table \(change.table)")
      }
      try settle(change, column)
      try session.patiently {
        try FollowTrigger(change: change.id, column: column, on: connection).remove()
        try connection.execute(
          script: "ALTER TABLE \(column.sql) DROP COLUMN \(column.companion(change.from))")
        try records.set(.finished, of: change.id)
      }
    }
  }

  /// Puts the column back as it was; refused where rows have come that only the new one has.
  public func undo() throws -> ChangeRecord {
    try end { change, column in
      if change.state == .swapped { try refuseLoss(change, column) }
      try session.patiently {
        try connection.query("LOCK TABLE \(column.sql) IN ACCESS EXCLUSIVE MODE")
        let trigger = try FollowTrigger(change: change.id, column: column, on: connection)
        if change.state == .swapped { try refuseUnfollowed(trigger) }
        try trigger.remove()
        if change.state == .swapped {
          try refuseLoss(change, column)
          try putBack(change, column)
        } else {
          try connection.execute(
            script: "ALTER TABLE \(column.sql) DROP COLUMN \(column.companion(change.to))")
        }
        try records.set(.undone, of: change.id)
      }
    }
  }

  private func putBack(_ change: ChangeRecord, _ column: VectorColumn) throws {
    try connection.execute(
      script: """
        ALTER TABLE \(column.sql) DROP COLUMN \(column.name);
        ALTER TABLE \(column.sql)
          RENAME COLUMN \(column.companion(change.from)) TO \(column.name);
        """)
    guard change.mustBeGiven else { return }
    try connection.execute(
      script: "ALTER TABLE \(column.sql) ALTER COLUMN \(column.name) SET NOT NULL")
  }

  /// Without the trigger old vectors stay beside new ones that they do not belong to.
  private func refuseUnfollowed(_ trigger: FollowTrigger) throws {
    guard try !trigger.isAlwaysOn() else { return }
    let table = trigger.column.table
    throw Failure(
      .preflight,
      "the trigger \(trigger.name.name) of \(table) is not always on: vectors written since the "
        + "swap may still have their old ones beside them",
      remedy: "only if nobody has written any: ALTER TABLE \(table) ENABLE ALWAYS TRIGGER "
        + "\(trigger.name)")
  }

  private func refuseLoss(_ change: ChangeRecord, _ column: VectorColumn) throws {
    let rows: Int? = try connection.scalar(
      """
      SELECT count(*) FROM \(column.sql)
      WHERE \(column.companion(change.from)) IS NULL AND \(column.name) IS NOT NULL
      """)
    guard let rows, rows > 0 else { return }
    throw Failure(
      .preflight,
      "\(rows) rows were written since the swap and have no vector of \(change.from) dimensions",
      remedy: "write theirs into \(column.companion(change.from).name), or delete those rows")
  }

  private func end(_ body: (ChangeRecord, VectorColumn) throws -> Void) throws -> ChangeRecord {
    try session.open()
    let column = try VectorColumn(options.table, column: options.column, on: connection)
    try ChangeRepair(session: session).run()
    guard let change = try records.open(column) else {
      throw Failure(
        .preflight, "no change of \(column.table).\(column.name.name) is open",
        remedy: "vector-ferry dimensions status shows them")
    }
    try body(change, column)
    return try records.all().first { $0.id == change.id } ?? change
  }
}
