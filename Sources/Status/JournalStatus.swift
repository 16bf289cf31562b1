internal import Clock
internal import Journal
package import Layouts
internal import Ledger
internal import Machine
package import Postgres
package import Stores

/// The state of each store according to the journal alone, from the latest migration or rollback of
/// the store.
package struct JournalStatus {
  /// A table of a database, as recorded by runs.
  struct Place: Hashable {
    let database: String
    let identity: String?
    let table: String
  }

  private let journal: RunJournal
  private let byID: [RunID: RunRecord]
  /// Every run of the journal; the oldest comes first.
  let runs: [RunRecord]
  /// The migrations and rollbacks of each table; the oldest comes first.
  private(set) var places: [Place: [RunRecord]] = [:]

  /// Reads all runs; `qualified` adds the schema to the name of a table that an earlier version
  /// recorded without a schema.
  init(_ journal: RunJournal, qualified: (String) -> String) throws {
    self.journal = journal
    runs = try journal.allRuns()
    byID = Dictionary(runs.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    for run in runs where run.facts.mode == .migrate || run.facts.mode == .rollback {
      let place = Place(
        database: run.facts.database.withoutOrigin, identity: run.facts.identity,
        table: qualified(table(of: run)))
      places[place, default: []].append(run)
    }
  }

  /// Returns the table of a run.
  ///
  /// Earlier versions recorded the table among the options, and did not record it for a rollback.
  /// Then it is the table of the run that was rolled back.
  private func table(of run: RunRecord) -> String {
    if let table = run.facts.table { return table }
    let words = run.facts.options.split(separator: " ").map(String.init)
    if run.facts.mode == .rollback {
      let target = byID[undoneRun(by: run) ?? run.id]
      return target.map { $0.facts.mode == .rollback ? Self.usual : table(of: $0) } ?? Self.usual
    }
    guard let option = words.lastIndex(of: "--table"), option + 1 < words.count else {
      return Self.usual
    }
    return words[option + 1]
  }

  private static let usual = "vector_documents"

  private func undoneRun(by run: RunRecord) -> RunID? {
    if let known = run.facts.undoneRun { return known }
    guard run.facts.mode == .rollback else { return nil }
    return run.facts.options.split(separator: " ").dropFirst().first.flatMap {
      RunID(String($0))
    }
  }

  /// Returns the database recorded for a run, in words; nil where the journal has no
  /// migration or rollback of this name.
  func database(of run: String) -> String? {
    // Other runs, such as refits, list no stores: the journal does not know who wrote them.
    RunID(run).flatMap { byID[$0] }
      .flatMap { [.migrate, .rollback].contains($0.facts.mode) ? $0 : nil }
      .map(\.facts.database.withoutOrigin)
  }

  /// Returns the latest state of each store of the given runs, ordered by name.
  func stores(of chosen: [RunRecord]) throws -> [StoreStatus] {
    let migrations = chosen.filter { $0.facts.mode == .migrate }.map(\.id)
    let rollbacks = chosen.filter { $0.facts.mode == .rollback }.map(\.id)
    var records = Dictionary(
      try journal.lastOutcomes(of: migrations).map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
    var notes: [StoreName: String] = [:]
    for rollback in try journal.lastOutcomes(of: rollbacks) {
      if let migration = records[rollback.name], migration.change > rollback.change { continue }
      switch rollback.outcome {
      case .failed, .interrupted, .taken:
        notes[rollback.name] =
          "a rollback (run \(rollback.run.description.prefix(8))) was not done: "
          + (rollback.reason ?? "no reason is known")
      case .skipped: break
      default: records[rollback.name] = rollback
      }
    }
    return records.values.map { record in
      var store = status(record)
      if let note = notes[record.name] { store.notes.append(note) }
      return store
    }.sorted { $0.name < $1.name }
  }

  private func status(_ record: StoreRecord) -> StoreStatus {
    let run = byID[record.run]
    var store = StoreStatus(record.name, outcome(of: record, in: run))
    store.reason = record.reason
    store.run = record.run.description
    store.undoneRun = run.flatMap(undoneRun)?.description
    store.startedAt = record.startedAt?.description
    store.finishedAt = record.finishedAt?.description
    store.beganMilliseconds = (record.startedAt ?? record.finishedAt)?.millisecondsSince1970
    store.facts = StoreStatus.Facts(
      path: record.path.isEmpty ? nil : record.path, stage: record.stage?.rawValue,
      documents: record.facts.documents, vectors: record.facts.vectors,
      dimensions: record.facts.dimensions, sourceDigest: record.facts.sourceDigest,
      backup: record.facts.backupPath)
    return store
  }

  private func outcome(of record: StoreRecord, in run: RunRecord?) -> StoreStatus.Outcome {
    let isRollback = run?.facts.mode == .rollback
    switch record.outcome {
    case .pending, .running:
      guard run?.state == .running else { return .notFinished }
      return record.outcome == .pending ? .pending : .running
    // Earlier versions recorded the success of a rollback in this way.
    case .succeeded: return isRollback ? .rolledBack : .succeeded
    case .unchanged: return .unchanged
    case .empty: return .empty
    case .failed: return .failed
    case .taken: return .taken
    case .interrupted: return .notFinished
    case .skipped: return .skipped
    case .rolledBack: return .rolledBack
    case .partlyRolledBack: return .partlyRolledBack
    case .restored: return .restored
    }
  }
}

extension JournalStatus {
  /// Returns the states of the stores of one table of the session's database, as far as the journal
  /// knows them; empty where the journal cannot be read, so that it never prevents a verification.
  package static func stores(
    in directory: String, database: String, table: VectorTable, on connection: Connection
  ) throws -> [StoreName: StoreStatus] {
    let lineage = try DatabaseLineage(connection)
    guard
      let journal = try? RunJournal.openReadOnly(path: RunJournal.path(in: directory)),
      let known = try? JournalStatus(journal, qualified: { $0 })
    else { return [:] }
    let identities = lineage.identities(
      in: known.runs, database: database.withoutOrigin)
    let runs = known.places.filter { place in
      place.key.identity.map(identities.contains) == true
        && place.key.table == table.name.description
    }.flatMap(\.value)
    let stores = (try? known.stores(of: runs)) ?? []
    return Dictionary(stores.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
