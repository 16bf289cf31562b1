internal import Backups
internal import Models
package import Ledger
package import Postgres
internal import Layouts
internal import OwnSchema
internal import Schema
package import Stores
internal import VectorMath

/// What is verified, and against what.
package struct VerificationOptions: Sendable {
  /// What the database is compared with.
  package enum Against: String, CaseIterable, Sendable {
    /// The application's files; the backup where they are gone.
    case source
    /// The copies that the runs made.
    case backup
  }

  /// What the database is compared with.
  package var against = Against.source
  /// The folder of users.
  package var userDataDirectory = "user_data"
  /// Where backups are.
  package var backupDirectory = "migration_backup"
  /// The database in words, as runs record it.
  package var database = ""
  /// Which stores are meant.
  package var selection = StoreSelection()
  /// The table that holds the documents.
  package var table = QualifiedName("vector_documents")
  /// How many searches each store is asked.
  package var queries = 20
  /// The recall below which a store counts as different; nil goes by what its run measured.
  package var minimumRecall: Double?
  /// Seconds that a server which has gone away is waited for.
  package var giveUpAfter = 60

  /// Everything, against its files.
  package init() {}
}

/// What verification tells while it goes on.
package enum VerificationEvent: Sendable {
  /// A store's turn has come; so many documents are expected.
  case started(StoreName, documents: Int)
  /// So many of its documents are compared.
  case progress(StoreName, documents: Int)
  /// A lost connection has ended the comparison of a store; it begins again.
  case retried(StoreName, Failure, seconds: Double)
  /// The server has gone away, or is back.
  case server(ServerEvent)
  /// A store's turn is over.
  case finished(StoreVerification)
}

/// All stores, as the summary and `--json` show them.
package struct VerificationReport: Sendable {
  /// The table that was looked at.
  package let table: String
  /// What puts in danger what is there: tables that a crash of the server empties.
  package let warnings: [String]
  /// Each store, by name.
  package let stores: [StoreVerification]
  /// Stores whose turn never came.
  package let notBegun: [StoreName]
  /// Why it stopped before its end, where the server had gone away for too long.
  package let outage: Failure?
  /// The operator stopped it before the last store.
  package let wasInterrupted: Bool

  /// Stores that are as they should be.
  package var verified: Int { stores.count { $0.outcome == .verified } }
  /// Stores that were never carried over, or were rolled back.
  package var notMigrated: Int { stores.count { $0.outcome == .notMigrated } }
  /// Rows beside them that were left alongside or have the text of a document.
  package var alongside: Int {
    stores.reduce(0) { $0 + $1.counts.alongside + $1.counts.addedDoubles }
  }
}

/// Compares the database with the files it was filled from; reads both, writes neither.
package final class VerificationRun {
  private let options: VerificationOptions
  private let keys: KeyRing
  private let connect: () throws -> Connection
  private let observe: (VerificationEvent) -> Void
  private let reconnection: Reconnection
  private let retries: Int
  private let isInterrupted: @Sendable () -> Bool
  private var engine: Engine?

  /// A verification that is ready to begin.
  package init(
    options: VerificationOptions, keys: KeyRing, environment: [String: String] = [:],
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    connect: @escaping () throws -> Connection, reconnect: @escaping () throws -> Connection,
    observe: @escaping (VerificationEvent) -> Void
  ) {
    self.options = options
    self.keys = keys
    self.isInterrupted = isInterrupted
    self.connect = connect
    self.observe = observe
    retries = Retry.limit(environment: environment)
    reconnection = Reconnection(
      giveUpAfter: options.giveUpAfter, isInterrupted: isInterrupted, connect: reconnect,
      tell: { observe(.server($0)) })
  }

  /// Compares every selected store; throws only what stands against all of them.
  package func run() throws(Failure) -> VerificationReport {
    do {
      var connection = try connect()
      let found = try sourceStores()
      let table = try table(beside: found, on: connection)
      let recorded = try RecordedStore.all(table: table.catalogueName, on: connection)
      let names = try selectedNames(recorded: recorded, found: found)
      let backups = Copies(directory: options.backupDirectory)
      let byName = Dictionary(uniqueKeysWithValues: recorded.map { ($0.name, $0) })
      let past = try JournalStanding.stores(
        in: options.backupDirectory, database: options.database, table: table, on: connection)
      var results: [StoreVerification] = []
      var outage: Failure?
      for name in names where outage == nil {
        if isInterrupted() { break }
        let place = Place(
          connection: connection, table: table, recorded: byName[name], found: found[name],
          backups: backups, past: past)
        let result = verify(name, place, &connection)
        if result.failure?.kind == .interrupted { break }
        results.append(result)
        observe(.finished(result))
        if !connection.isUsable { outage = reconnection.failure }
      }
      return VerificationReport(
        table: table.name.description,
        warnings: try Self.warnings(of: table, on: connection), stores: results,
        notBegun: Array(names[results.count...]), outage: outage,
        wasInterrupted: results.count < names.count && outage == nil)
    } catch {
      let cause = Failure(error)
      throw cause.kind == .interrupted
        ? cause : Failure(.preflight, cause.reason, remedy: cause.remedy)
    }
  }

  /// What has become of the tables since they were written.
  private static func warnings(of table: VectorTable, on connection: Connection) throws -> [String]
  {
    guard connection.isUsable else { return [] }
    let target = try table.impermanence(on: connection).map { "\($0.problem); \($0.remedy)" }
    return [target].compactMap(\.self)
      + (try FerrySchema.impermanence(on: connection).map { "\($0.problem); \($0.remedy)" })
  }

  /// Where one store is looked for.
  private struct Place {
    var connection: Connection
    let table: VectorTable
    let recorded: RecordedStore?
    let found: FoundStore?
    let backups: Copies
    /// What the journal tells of the stores of this table.
    let past: [StoreName: StoreStanding]
  }

  private func verify(_ name: StoreName, _ place: Place, _ connection: inout Connection)
    -> StoreVerification
  {
    var result = StoreVerification(name)
    do {
      try reconnection.persist(
        on: &connection, limit: retries, retried: { observe(.retried(name, $0, seconds: $1)) }
      ) { usable in
        // What a comparison found that broke off counts for nothing.
        result = StoreVerification(name)
        var place = place
        place.connection = usable
        try verify(place, &result)
      }
      reconnection.completed()
    } catch {
      result.failure = Failure(error)
    }
    return result
  }

  private func verify(_ place: Place, _ result: inout StoreVerification) throws {
    guard let recorded = place.recorded else { return try noteAbsent(place, &result) }
    observe(.started(recorded.name, documents: recorded.documents))
    let reader = try open(recorded, place, &result)
    // Policies make what they like of a row that is read.
    try place.connection.handlingRows {
      try place.connection.transaction(.repeatableRead, readOnly: true) {
        try RowSecurity.act(for: recorded.name.user, on: place.connection)
        try compare(recorded, reader, place, &result)
      }
    }
  }

  private func compare(
    _ recorded: RecordedStore, _ reader: StoreReader, _ place: Place,
    _ result: inout StoreVerification
  ) throws {
    let model = try ModelTable(connection: place.connection).model(of: recorded.id)
    try StoreVerifier(
      connection: place.connection, table: place.table, recorded: recorded, reader: reader,
      model: model, engine: mathEngine, isInterrupted: isInterrupted,
      progress: { [observe] in observe(.progress(recorded.name, documents: $0)) }
    ).verify(into: &result)
    // An index and a sample may cost a little against what the run measured by exact scans.
    let expected = options.minimumRecall ?? max(0, (model?.fitted.fidelity.recall ?? 1) - 0.05)
    let probe = RecallProbe(
      connection: place.connection, name: recorded.name, reader: reader,
      engine: try mathEngine(), queries: options.queries, added: result.counts.unlisted,
      rows: try AdoptedRows(
        connection: place.connection, table: place.table, name: recorded.name, store: recorded.id
      ).byOwnID(),
      isInterrupted: isInterrupted)
    result.recall = try probe.measure(expected: expected)
    if result.recall == nil { result.notLookedAt.append(probe.obstacle) }
    if let recall = result.recall, recall.recall < expected {
      result.problems.append(
        "recall@\(recall.neighbours) through PostgreSQL is \(recall.recall.rounded(digits: 3)), "
          + "expected at least \(expected.rounded(digits: 3))")
    }
  }

  /// A store that was never carried over, or whose ledger row is gone.
  private func noteAbsent(_ place: Place, _ result: inout StoreVerification) throws {
    if let found = place.found { result.reference = .source(path: found.path) }
    let rows: Int =
      try place.connection.handlingRows {
        try place.connection.scalar(
          """
          SELECT count(*) FROM \(place.table.rows)
          WHERE user_id = \(result.name.user) AND collection_name = \(result.name.collection)
          """)
      } ?? 0
    result.counts.table = rows
    let history = place.past[result.name].flatMap(Self.rollback)
    if rows == 0 {
      result.refusal = place.found.flatMap(refusal)
      result.absence = history ?? "it was never migrated (no ledger entry)"
    } else {
      result.problems.append(
        "the ledger does not know it, although \(rows) rows of it are in the table"
          + (history.map { ": \($0)" } ?? ""))
    }
  }

  /// Why a run would refuse a store, where its files tell so without being read whole.
  private func refusal(_ store: FoundStore) -> Failure? {
    if let refusal = store.refusal { return Failure(refusal) }
    do {
      _ = try StoreReader(
        directory: store.path, store: store, keys: keys, options: MigrationOptions().reading)
      return nil
    } catch {
      return Failure(error)
    }
  }

  /// What the journal tells of a store that a rollback took back; nil for any other.
  private static func rollback(_ store: StoreStanding) -> String? {
    guard [.rolledBack, .partlyRolledBack].contains(store.outcome), let run = store.run else {
      return nil
    }
    let time = store.finishedAt.map { " of \($0)" } ?? ""
    return "it was rolled back by run \(run.prefix(8))\(time)"
      + (store.reason.map { "; \($0)" } ?? "")
  }

  /// Opens what the store is compared with: its files, or the copy they were carried over from.
  private func open(
    _ recorded: RecordedStore, _ place: Place, _ result: inout StoreVerification
  ) throws -> StoreReader {
    let reading = recorded.settings.reading
    if options.against == .source, let found = place.found {
      result.reference = .source(path: found.path)
      let reader = try StoreReader(
        directory: found.path, store: found, keys: keys, options: reading)
      if try SourceDigest(of: found).bytes != recorded.sourceDigest {
        result.notes.append(
          "the files have changed since they were migrated; --against backup compares with "
            + "what was migrated")
      }
      return reader
    }
    let copy = try place.backups.copy(of: recorded.name, digest: recorded.sourceDigest)
    result.reference = .backup(path: "\(copy.backup.path)/\(copy.store.folder)")
    return try StoreReader(
      in: copy.backup.open(copy.store), store: copy.store.asFound(), keys: keys, options: reading)
  }

  /// The table; where it is missing, it may be because no store had a document for it.
  private func table(beside found: [StoreName: FoundStore], on connection: Connection) throws
    -> VectorTable
  {
    do {
      return try LedgerAccess.table(options.table, on: connection)
    } catch let failure as Failure where failure.kind == .preflight {
      guard !found.isEmpty, found.values.allSatisfy({ StorePeek($0).vectorCount == 0 }) else {
        throw failure
      }
      throw Failure(
        .preflight,
        "there is nothing to verify: no store in \(options.userDataDirectory) holds a document, and "
          + failure.reason, remedy: failure.remedy)
    }
  }

  private func sourceStores() throws -> [StoreName: FoundStore] {
    if options.against == .backup { return [:] }
    let scanner = StoreScanner(
      root: options.userDataDirectory, excluding: [options.backupDirectory])
    // The sources may be gone altogether: that is what the backups are for.
    guard StoreDirectory.exists(scanner.root) else { return [:] }
    return Dictionary(
      try scanner.stores().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private func selectedNames(recorded: [RecordedStore], found: [StoreName: FoundStore]) throws
    -> [StoreName]
  {
    let all = Set(recorded.map(\.name)).union(found.keys)
    try options.selection.refuseUnmatched(among: all)
    let selected = all.filter(options.selection.includes).sorted()
    guard selected.isEmpty else { return selected }
    throw Failure(
      .preflight,
      all.isEmpty
        ? "there is nothing to verify: no store in the ledger of this database, and none in "
          + options.userDataDirectory
        : "none of the \(all.count) stores matches --user and --collection",
      remedy: "list what there is with: vector-ferry scan")
  }

  private func mathEngine() throws -> Engine {
    if let engine { return engine }
    let made = try Engine(isStopped: { StopRequest.isMade })
    engine = made
    return made
  }
}
