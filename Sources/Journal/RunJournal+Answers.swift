internal import Clock
public import Machine
internal import SQLite
public import Stores

extension RunJournal {
  /// Reads the latest record of each store, ordered by user and collection.
  ///
  /// For a store that a run has left out, the record of an earlier run is the latest one.
  public func lastOutcomes(mode: RunMode = .migrate) throws(JournalError) -> [StoreRecord] {
    try read { database in try Self.latest(mode, in: database) }
  }

  /// Reads the stores to try again: stores whose latest outcome is a failure, and stores that a run
  /// left unfinished when it ended.
  ///
  /// An unfinished run on another machine counts as ended: its process cannot be seen from here,
  /// and locks in the database prevent two runs from working on the same store.
  ///
  /// - Parameter target: the database and the table with which the stores were tried; nil for all
  ///   stores.
  public func failedStores(mode: RunMode = .migrate, target: RunTarget? = nil)
    throws(JournalError) -> [StoreRecord]
  {
    try read { database in
      let latest = try Self.latest(mode, target: target, in: database)
      var states: [RunID: RunRecord.State] = [:]
      return try latest.filter { store in
        if store.outcome.isFinal { return store.outcome.isFailure }
        let state = try states[store.run] ?? Self.run(store.run, in: database)?.state
        states[store.run] = state
        return state != .running
      }
    }
  }

  /// Reads the latest runs; the newest comes first.
  public func history(limit: Int = 20) throws(JournalError) -> [RunRecord] {
    try read { database in
      let runs = try database.rows(
        "\(Self.selectRun) ORDER BY number DESC LIMIT ?1", [.integer(max(0, limit))],
        Self.readRun)
      return try runs.map { try $0.withTally(from: database) }
    }
  }

  /// Reads every run, without counts of the stores' outcomes; the oldest comes first.
  public func allRuns() throws(JournalError) -> [RunRecord] {
    try read { database in
      try database.rows("\(Self.selectRun) ORDER BY number", [], Self.readRun)
    }
  }

  /// Reads the latest record of each store in any of these runs, ordered by user and collection.
  public func lastOutcomes(of runs: [RunID]) throws(JournalError) -> [StoreRecord] {
    try read { database in
      let names = runs.map { Value.text($0.description) }
      var found: [StoreName: StoreRecord] = [:]
      // Every version of SQLite accepts this many parameters at once.
      for start in stride(from: 0, to: names.count, by: 500) {
        let part = Array(names[start..<min(start + 500, names.count)])
        let places = part.indices.map { "?\($0 + 1)" }.joined(separator: ",")
        let records = try database.rows(
          RunJournalQueries.latestOfRuns(stores: RunJournalQueries.stores, runs: places), part,
          Self.readStore)
        for record in records where record.isLater(than: found[record.name]) {
          found[record.name] = record
        }
      }
      return found.values.sorted { $0.name < $1.name }
    }
  }

  /// Reads the run with this id; nil where the journal has no such run.
  public func run(_ id: RunID) throws(JournalError) -> RunRecord? {
    try read { database in try Self.run(id, in: database)?.withTally(from: database) }
  }

  /// Reads the runs whose ids begin with a prefix, because operators rarely type a whole id; the
  /// newest run comes first.
  public func runs(named prefix: String) throws(JournalError) -> [RunRecord] {
    try read { database in
      let runs = try database.rows(
        "\(Self.selectRun) WHERE substr(id, 1, length(?1)) = ?1 ORDER BY number DESC",
        [.text(prefix)], Self.readRun)
      return try runs.map { try $0.withTally(from: database) }
    }
  }

  /// Reads the stores of a run, ordered by user and collection.
  public func stores(of run: RunID) throws(JournalError) -> [StoreRecord] {
    try read { database in
      try database.rows(
        "\(RunJournalQueries.stores) WHERE s.run = ?1 ORDER BY s.user_id, s.collection",
        [.text(run.description)], Self.readStore)
    }
  }

  /// Reads the stages of a store in a run, in order.
  public func timings(of store: StoreName, in run: RunID) throws(JournalError) -> [StageTiming] {
    try read { database in
      try database.rows(
        """
        SELECT stage, started_at, milliseconds FROM stages
        WHERE run = ?1 AND user_id = ?2 AND collection = ?3 ORDER BY number
        """,
        [.text(run.description), .text(store.user), .text(store.collection)]
      ) { row in
        StageTiming(
          stage: try Self.known(Stage.self, row.text(0)),
          startedAt: Timestamp(millisecondsSince1970: try row.integer(1)),
          milliseconds: try row.optionalInteger(2))
      }
    }
  }

  /// Reads the events of a run, in order.
  public func events(of run: RunID) throws(JournalError) -> [Event] {
    try read { database in
      try database.rows(
        "SELECT at, user_id, collection, message FROM events WHERE run = ?1 ORDER BY number",
        [.text(run.description)]
      ) { row in
        let (user, collection) = (try row.optionalText(1), try row.optionalText(2))
        return Event(
          at: Timestamp(millisecondsSince1970: try row.integer(0)),
          store: user.flatMap { user in
            collection.map { StoreName(user: user, collection: $0) }
          },
          message: try row.text(3))
      }
    }
  }
}

extension RunJournal {
  private static let selectRun = """
    SELECT id, mode, version, options, database, host, pid, process_start, started_at,
      finished_at, exit_status, identity, table_name, takes_back
    FROM known_runs
    """

  private static func latest(
    _ mode: RunMode, target: RunTarget? = nil, in database: Database
  ) throws -> [StoreRecord] {
    // The same database may have been named by an option or by a variable. A database with a known
    // identity is not compared by words, which may mean different databases at different times.
    try database.rows(
      RunJournalQueries.latestOfMode(stores: RunJournalQueries.stores),
      [
        .text(mode.rawValue), .text(target?.database), .text(target?.table),
        .text(target?.spacedIdentities),
      ], readStore)
  }

  private static func run(_ id: RunID, in database: Database) throws -> RunRecord? {
    try database.first("\(selectRun) WHERE id = ?1", [.text(id.description)], readRun)
  }

  private static func readRun(_ row: borrowing Statement) throws -> RunRecord {
    RunRecord(
      id: try known(run: row.text(0)),
      facts: RunFacts(
        mode: RunMode(rawValue: try row.text(1)), version: try row.text(2),
        options: try row.text(3), database: try row.text(4), identity: try row.optionalText(11),
        table: try row.optionalText(12),
        undoneRun: try row.optionalText(13).map { try known(run: $0) }),
      process: ProcessIdentity(
        host: try row.text(5), pid: try row.integer(6), start: try row.text(7)),
      startedAt: Timestamp(millisecondsSince1970: try row.integer(8)),
      finishedAt: try row.optionalInteger(9).map { Timestamp(millisecondsSince1970: $0) },
      exitStatus: try row.optionalInteger(10),
      tally: [:])
  }

  private static func readStore(_ row: borrowing Statement) throws -> StoreRecord {
    StoreRecord(
      run: try known(run: row.text(0)),
      name: StoreName(user: try row.text(1), collection: try row.text(2)),
      path: try row.text(3),
      stage: try row.optionalText(4).map { try known(Stage.self, $0) },
      outcome: try known(Outcome.self, row.text(5)),
      reason: try row.optionalText(6),
      facts: StoreFacts(
        documents: try row.optionalInteger(7), vectors: try row.optionalInteger(8),
        dimensions: try row.optionalInteger(9), sourceDigest: try row.optionalText(10),
        backupPath: try row.optionalText(11)),
      change: try row.integer(14),
      startedAt: try row.optionalInteger(12).map { Timestamp(millisecondsSince1970: $0) },
      finishedAt: try row.optionalInteger(13).map { Timestamp(millisecondsSince1970: $0) })
  }

  private static func known(run text: String) throws -> RunID {
    guard let run = RunID(text) else { throw UnknownWord(text: text) }
    return run
  }

  static func known<Word: RawRepresentable<String>>(
    _: Word.Type, _ text: String
  ) throws -> Word {
    guard let word = Word(rawValue: text) else { throw UnknownWord(text: text) }
    return word
  }
}

extension RunTarget {
  /// The identities of the database in one text, with a space before and after each; nil where none
  /// is known.
  fileprivate var spacedIdentities: String? {
    identities.isEmpty ? nil : identities.sorted().map { " \($0) " }.joined()
  }
}

extension StoreRecord {
  /// Returns true where this record is later than another record of the store; a record that the
  /// store was skipped counts as earlier than any other record.
  fileprivate func isLater(than other: StoreRecord?) -> Bool {
    guard let other else { return true }
    let (isSkip, wasSkip) = (outcome == .skipped, other.outcome == .skipped)
    return isSkip == wasSkip ? change > other.change : wasSkip
  }
}

extension RunRecord {
  fileprivate func withTally(from database: Database) throws -> RunRecord {
    let counts = try database.rows(
      "SELECT outcome, count(*) FROM stores WHERE run = ?1 GROUP BY outcome",
      [.text(id.description)]
    ) { row in (try RunJournal.known(Outcome.self, row.text(0)), try row.integer(1)) }
    return RunRecord(
      id: id, facts: facts, process: process, startedAt: startedAt, finishedAt: finishedAt,
      exitStatus: exitStatus, tally: Dictionary(uniqueKeysWithValues: counts))
  }
}

/// An error for a word in the journal that this program never writes as a run's id, a stage or an
/// outcome.
private struct UnknownWord: Error, CustomStringConvertible {
  let text: String
  var description: String { "unknown word \(text)" }
}
