internal import Clock
public import Machine
internal import SQLite
public import Stores

extension RunJournal {
  /// Records the beginning of a run.
  @discardableResult
  public func beginRun(_ facts: RunFacts, id: RunID = RunID()) throws(JournalError) -> RunID {
    let start = now()
    try write { database in
      try database.run(
        RunJournalQueries.beginRun,
        [
          .text(id.description), .text(facts.mode.rawValue), .text(facts.version),
          .text(facts.options), .text(facts.database), .text(process.host),
          .integer(process.pid), .text(process.start), .integer(start.millisecondsSince1970),
          .text(facts.identity), .text(facts.table), .text(facts.undoneRun?.description),
        ])
    }
    return id
  }

  /// Records in one transaction, as pending, the stores that a run will work on.
  public func plan(
    _ stores: [(name: StoreName, path: String)], in run: RunID
  ) throws(JournalError) {
    try write { database in
      for store in stores {
        try Self.insert(store.name, path: store.path, run: run, into: database)
      }
    }
  }

  /// Records that a store enters a stage; this ends the store's earlier stage.
  ///
  /// A kill loses no stage; a power failure may lose the stages since the last synced call.
  public func record(
    _ store: StoreName, stage: Stage, facts: StoreFacts = StoreFacts(), in run: RunID
  ) throws(JournalError) {
    let (start, ticks) = (now(), Int(clamping: MonotonicClock.nanoseconds() / 1_000_000))
    try writeUnsynced { database in
      try Self.endStage(of: store, run: run, at: ticks, in: database)
      try database.run(
        """
        INSERT INTO stages (run, user_id, collection, stage, started_at, started_ticks)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """,
        Self.key(run, store) + [
          .text(stage.rawValue), .integer(start.millisecondsSince1970), .integer(ticks),
        ])
      let change = StoreChange(outcome: .running, stage: stage, facts: facts, startedAt: start)
      try Self.update(store, with: change, run: run, in: database)
    }
  }

  /// Records the outcome of a store, and the reason for it.
  public func finish(
    _ store: StoreName, outcome: Outcome, reason: String? = nil, facts: StoreFacts = StoreFacts(),
    in run: RunID
  ) throws(JournalError) {
    let (end, ticks) = (now(), Int(clamping: MonotonicClock.nanoseconds() / 1_000_000))
    try write { database in
      try Self.endStage(of: store, run: run, at: ticks, in: database)
      let change = StoreChange(
        outcome: outcome, reason: reason.map(withoutPasswords), facts: facts, finishedAt: end)
      try Self.update(store, with: change, run: run, in: database)
    }
  }

  /// Records an event of a run, or of one of its stores.
  public func note(
    _ message: String, store: StoreName? = nil, in run: RunID
  ) throws(JournalError) {
    let moment = now()
    try write { database in
      try database.run(
        "INSERT INTO events (run, user_id, collection, at, message) VALUES (?1, ?2, ?3, ?4, ?5)",
        [
          .text(run.description), .text(store?.user), .text(store?.collection),
          .integer(moment.millisecondsSince1970), .text(withoutPasswords(message)),
        ])
    }
  }

  /// Records the end of a run; stores that the run did not finish stay unchanged.
  public func finishRun(_ run: RunID, exitStatus: Int) throws(JournalError) {
    let end = now()
    try write { database in
      try database.run(
        "UPDATE runs SET finished_at = ?2, exit_status = ?3 WHERE id = ?1",
        [.text(run.description), .integer(end.millisecondsSince1970), .integer(exitStatus)])
      guard database.changes == 1 else { throw JournalError.unknown(what: "run \(run)") }
    }
  }
}

/// The changes that one call makes to a store's row.
private struct StoreChange {
  var outcome: Outcome
  var stage: Stage?
  var reason: String?
  var facts = StoreFacts()
  var startedAt: Timestamp?
  var finishedAt: Timestamp?
}

extension RunJournal {
  private static func key(_ run: RunID, _ store: StoreName) -> [Value] {
    [.text(run.description), .text(store.user), .text(store.collection)]
  }

  private static func insert(
    _ store: StoreName, path: String, run: RunID, into database: Database
  ) throws {
    try database.run(
      """
      INSERT INTO stores (run, user_id, collection, path, outcome, change)
      VALUES (?1, ?2, ?3, ?4, 'pending', (SELECT coalesce(max(change), 0) + 1 FROM stores))
      """,
      key(run, store) + [.text(path)])
  }

  private static func update(
    _ store: StoreName, with change: StoreChange, run: RunID, in database: Database
  ) throws {
    let facts = change.facts
    try database.run(
      RunJournalQueries.noteStore,
      key(run, store) + [
        .text(change.outcome.rawValue), .text(change.reason), .text(change.stage?.rawValue),
        .integer(facts.documents), .integer(facts.vectors), .integer(facts.dimensions),
        .text(facts.sourceDigest), .text(facts.backupPath),
        .integer(change.startedAt?.millisecondsSince1970),
        .integer(change.finishedAt?.millisecondsSince1970),
      ])
    guard database.changes == 1 else {
      throw JournalError.unknown(what: "store \(store) in run \(run)")
    }
  }

  private static func endStage(
    of store: StoreName, run: RunID, at ticks: Int, in database: Database
  ) throws {
    try database.run(
      """
      UPDATE stages SET milliseconds = max(0, ?4 - started_ticks)
      WHERE run = ?1 AND user_id = ?2 AND collection = ?3 AND milliseconds IS NULL
      """,
      key(run, store) + [.integer(ticks)])
  }
}
