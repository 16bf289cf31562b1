internal import Backups
internal import Files
internal import Models
package import Embedding
package import Ledger
package import Postgres
internal import Layouts
internal import OwnSchema
internal import Schema
internal import Status
internal import StoreEmbedding
package import Stores
internal import Unlisted
internal import VectorMath

/// The operator's choices for a verification.
package struct VerificationOptions: Sendable {
  /// The files that the database is compared with.
  package enum Against: String, CaseIterable, Sendable {
    /// The application's files, or the backup where these files no longer exist.
    case source
    /// The copies that the runs made.
    case backup
  }

  /// The files that the database is compared with.
  package var against = Against.source
  /// The folder that contains a folder for each user.
  package var userDataDirectory = "user_data"
  /// The file or folder whose stores are compared instead of those in `userDataDirectory`; nil for
  /// the latter.
  package var place: GivenPlace?
  /// The directory of backups.
  package var backupDirectory = "migration_backup"
  /// The database in words, as runs record it.
  package var database = ""
  /// The stores that the operator selects.
  package var selection = StoreSelection()
  /// The table that holds the documents.
  package var table = QualifiedName("vector_documents")
  /// The number of searches that are made for each store.
  package var queries = 20
  /// The recall below which a store counts as different; where it is nil, the limit is a little
  /// less than the store's run has measured.
  package var minimumRecall: Double?
  /// The number of texts of each store that are sent again to the service which made their vectors.
  package var askedTexts = 0
  /// The number of seconds to wait for a server that no longer answers.
  package var giveUpAfter = 60

  /// Creates the default choices: all stores, compared with the application's files.
  package init() {}
}

/// An event during a verification.
package enum VerificationEvent: Sendable {
  /// This many stores will be compared.
  case selected(stores: Int)
  /// The comparison of a store begins; this many documents are expected.
  case started(StoreName, documents: Int)
  /// This many of the store's documents were compared so far.
  case progress(StoreName, documents: Int)
  /// A lost connection has ended the comparison of a store, and the comparison starts again.
  case retried(StoreName, Failure, seconds: Double)
  /// The server no longer answers, or answers again.
  case server(ServerEvent)
  /// So many texts of a store are sent to the service that made their vectors.
  case asking(StoreName, EmbeddingOrigin, texts: Int)
  /// A request to a service fails, or is readable on its way.
  case embedding(EmbeddingEvent)
  /// The comparison of a store has ended.
  case finished(StoreVerification)
}

/// The result of the whole verification, as the summary and `--json` show it.
package struct VerificationReport: Sendable {
  /// The table that was compared.
  package let table: String
  /// The warnings about stored data: tables whose rows would be lost after a crash of the server.
  package let warnings: [String]
  /// The results of the stores, ordered by name.
  package let stores: [StoreVerification]
  /// The stores that were not begun.
  package let notBegun: [StoreName]
  /// The reason why the verification stopped early, where the server did not answer for too long;
  /// nil otherwise.
  package let outage: Failure?
  /// True where the operator stopped the verification before the last store.
  package let wasInterrupted: Bool
  /// The requests to services, and what they have cost; nil where none was asked.
  package let usage: EmbeddingUsage?

  /// The number of stores that were compared without a difference.
  package var verified: Int { stores.count { $0.outcome == .verified } }
  /// The number of stores that were never migrated, or were rolled back.
  package var notMigrated: Int { stores.count { $0.outcome == .notMigrated } }
  /// The number of rows of the stores' collections that existed before their stores were migrated,
  /// or that were added with the text of a document.
  package var alongside: Int {
    stores.reduce(0) { $0 + $1.counts.alongside + $1.counts.addedDoubles }
  }
}

/// Compares the database with the files from which it was filled; changes neither of them.
package final class VerificationRun {
  private let options: VerificationOptions
  private let keys: KeyRing
  private let connect: () throws -> Connection
  private let observe: (VerificationEvent) -> Void
  private let reconnection: Reconnection
  private let retries: Int
  private let isInterrupted: @Sendable () -> Bool
  private var engine: Engine?
  private let service: ((EmbeddingOrigin) throws -> EmbeddingSettings)?
  /// The requests to services so far, which limits of the cost count together.
  private var requests: Embedder.EarlierRequests?

  /// Prepares a verification.
  ///
  /// - Parameter service: finds the service that made vectors; needed where texts are asked for.
  package init(
    options: VerificationOptions, keys: KeyRing, environment: [String: String] = [:],
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    connect: @escaping () throws -> Connection,
    reconnect: @escaping @Sendable () throws -> Connection,
    service: ((EmbeddingOrigin) throws -> EmbeddingSettings)? = nil,
    observe: @escaping @Sendable (VerificationEvent) -> Void
  ) {
    self.options = options
    self.service = service
    self.keys = keys
    self.isInterrupted = isInterrupted
    self.connect = connect
    self.observe = observe
    retries = Retry.limit(environment: environment)
    reconnection = Reconnection(
      giveUpAfter: options.giveUpAfter, isInterrupted: isInterrupted, connect: reconnect,
      report: { observe(.server($0)) })
  }

  /// Compares every selected store; throws only errors that concern all stores.
  package func run() throws(Failure) -> VerificationReport {
    do {
      var connection = try connect()
      let found = try sourceStores()
      let table = try table(beside: found, on: connection)
      let recorded = try RecordedStore.all(table: table.catalogueName, on: connection)
      let names = try selectedNames(recorded: recorded, found: found)
      observe(.selected(stores: names.count))
      let backups = CopyFinder(directory: options.backupDirectory)
      let byName = Dictionary(uniqueKeysWithValues: recorded.map { ($0.name, $0) })
      let past = try JournalStatus.stores(
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
        wasInterrupted: results.count < names.count && outage == nil, usage: requests?.usage)
    } catch {
      let cause = Failure(error)
      throw cause.kind == .interrupted
        ? cause : Failure(.preflight, cause.reason, remedy: cause.remedy)
    }
  }

  /// Returns a warning for each table whose rows would be lost after a crash of the server.
  private static func warnings(of table: VectorTable, on connection: Connection) throws -> [String]
  {
    guard connection.isUsable else { return [] }
    let target = try table.persistenceObstacle(on: connection).map { "\($0.problem); \($0.remedy)" }
    return [target].compactMap(\.self)
      + (try FerrySchema.persistenceObstacle(on: connection).map { "\($0.problem); \($0.remedy)" })
  }

  /// The places in which a store is looked for.
  private struct Place {
    var connection: Connection
    let table: VectorTable
    let recorded: RecordedStore?
    let found: FoundStore?
    let backups: CopyFinder
    /// The states of this table's stores, as the journal knows them.
    let past: [StoreName: StoreStatus]
  }

  private func verify(_ name: StoreName, _ place: Place, _ connection: inout Connection)
    -> StoreVerification
  {
    var result = StoreVerification(name)
    do {
      try reconnection.persist(
        on: &connection, limit: retries, retried: { observe(.retried(name, $0, seconds: $1)) }
      ) { usable in
        // The findings of a comparison that did not end are discarded.
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
    // Policies of row-level security may run any code on a row that is read.
    try place.connection.handlingRows {
      try place.connection.transaction(.repeatableRead, readOnly: true) {
        try RowSecurity.act(for: recorded.name.user, on: place.connection)
        try compare(recorded, reader, place, &result)
      }
      try ask(recorded, reader, place, &result)
    }
  }

  /// Compares some vectors with what the service that made them answers now.
  private func ask(
    _ recorded: RecordedStore, _ reader: StoreReader, _ place: Place,
    _ result: inout StoreVerification
  ) throws {
    guard options.askedTexts > 0, let service, let origin = recorded.settings.embedding,
      reader.documentCount > 0
    else { return }
    do {
      let settings = try service(origin)
      let cache =
        settings.price.perMillionTokens == nil
        ? nil : try EmbeddingCache(directory: options.backupDirectory)
      let embedder = Embedder(
        settings, cache: cache, asksAnew: true, isInterrupted: isInterrupted,
        observe: { [observe] in observe(.embedding($0)) })
      if let requests { embedder.goOn(after: requests) }
      defer { requests = embedder.requests }
      observe(
        .asking(
          recorded.name, origin, texts: min(options.askedTexts, reader.documentCount)))
      let model = try ModelTable(connection: place.connection).model(of: recorded.id)
      var reducer = try verifier(recorded, reader, place, model).reducer()
      let sample = try ServiceProbe(
        connection: place.connection, table: place.table, recorded: recorded, reader: reader,
        embedder: embedder, texts: options.askedTexts, isInterrupted: isInterrupted
      ).measure(&reducer)
      result.service = sample
      if let gap = sample?.gap { result.notLookedAt.append("vectors at the service: \(gap)") }
      guard let sample, sample.differing > 0, let farthest = sample.farthest else { return }
      result.problems.append(
        "\(sample.differing) of \(sample.compared) sampled vectors are not what "
          + "\(origin.words) answers now: cosine distance up to "
          + "\(farthest.rounded(digits: 6)), accepted is "
          + "\(sample.accepted.rounded(digits: 6))")
    } catch let error as EmbeddingError where error.kind != .interrupted {
      result.notLookedAt.append("vectors at the service: \(error)")
    }
  }

  private func compare(
    _ recorded: RecordedStore, _ reader: StoreReader, _ place: Place,
    _ result: inout StoreVerification
  ) throws {
    let model = try ModelTable(connection: place.connection).model(of: recorded.id)
    try verifier(recorded, reader, place, model).verify(into: &result)
    if recorded.settings.keepsOriginals {
      try checkOriginals(recorded, place, &result)
      if let model { try checkAddedOriginals(recorded, place, model.fitted.projection, &result) }
    }
    if try reader.countOfMissingVectors() > 0 {
      result.notLookedAt.append(
        "search: the cache of embeddings does not have all vectors of the store")
      return
    }
    // An index and a sample may reduce the recall slightly, compared with what the run measured by
    // exact scans.
    let measured = model?.fitted.measurement
    let expected =
      options.minimumRecall
      ?? RecallProbe.expected(of: measured?.searchRecall ?? 1, queries: options.queries)
    let probe = RecallProbe(
      connection: place.connection, table: place.table, name: recorded.name, reader: reader,
      engine: try mathEngine(), queries: options.queries, added: result.counts.unlisted,
      recorded: measured,
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

  private func verifier(
    _ recorded: RecordedStore, _ reader: StoreReader, _ place: Place, _ model: StoreModel?
  ) -> StoreVerifier {
    StoreVerifier(
      connection: place.connection, table: place.table, recorded: recorded, reader: reader,
      model: model, engine: mathEngine, isInterrupted: isInterrupted,
      progress: { [observe] in observe(.progress(recorded.name, documents: $0)) })
  }

  /// Reports the number of documents that have no original any more, although searches of the store
  /// rank by originals.
  private func checkOriginals(
    _ recorded: RecordedStore, _ place: Place, _ result: inout StoreVerification
  ) throws {
    let missing = try OriginalsTable(connection: place.connection, store: recorded.id)
      .countOfMissing()
    guard missing != 0 else { return }
    result.problems.append(
      "searches of this store rank by originals, but "
        + (missing.map { "\($0) of \(recorded.documents) documents have no original" }
          ?? "the table \(OriginalsTable.name) does not exist")
        + ": run migrate --force for this store")
  }

  /// Reports documents of the application whose originals are missing or were changed: searches rank
  /// by originals, and a refit computes rows from them.
  private func checkAddedOriginals(
    _ recorded: RecordedStore, _ place: Place, _ projection: Projection,
    _ result: inout StoreVerification
  ) throws {
    guard result.counts.added > 0 else { return }
    let added = AddedDocuments(
      connection: place.connection, table: place.table, name: recorded.name, store: recorded.id)
    let faults = try added.originalFaults(projection, with: mathEngine())
    if faults.changed > 0 {
      let documents =
        faults.changed == 1
        ? "the original of 1 document that the application has added was changed"
        : "the originals of \(faults.changed) documents that the application has added were changed"
      result.problems.append(
        "\(documents): upsert_document with their full vectors writes rows and originals again")
    }
    if faults.missing > 0 {
      result.notes.append(
        "\(faults.missing) of \(result.counts.added) documents that the application has added have "
          + "no original of their vectors: searches rank them by their reduced vectors")
    }
  }

  /// Reports a store that was never migrated, or whose ledger row no longer exists.
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
      result.absence = history ?? "the store was never migrated (no ledger entry)"
    } else {
      result.problems.append(
        "the ledger does not list the store, although \(rows) of its rows are in the table"
          + (history.map { ": \($0)" } ?? ""))
    }
  }

  /// Returns the reason why a run would refuse a store, judged by a first look at the files; nil
  /// where no reason is known.
  private func refusal(_ store: FoundStore) -> Failure? {
    if let refusal = store.refusal { return Failure(refusal) }
    do {
      _ = try StoreReader(
        directory: store.path, store: store, keys: keys, options: ReadOptions())
      return nil
    } catch {
      return Failure(error)
    }
  }

  /// Returns a sentence about the rollback of a store, from the journal; nil where the store was
  /// not rolled back.
  private static func rollback(_ store: StoreStatus) -> String? {
    guard [.rolledBack, .partlyRolledBack].contains(store.outcome), let run = store.run else {
      return nil
    }
    let time = store.finishedAt.map { " of \($0)" } ?? ""
    return "the store was rolled back by run \(run.prefix(8))\(time)"
      + (store.reason.map { "; \($0)" } ?? "")
  }

  /// Opens the files that the store is compared with: the application's files, or a copy of the
  /// migrated files.
  private func open(
    _ recorded: RecordedStore, _ place: Place, _ result: inout StoreVerification
  ) throws -> StoreReader {
    let reading = recorded.settings.reading
    let vectors = try recorded.textVectors(in: options.backupDirectory)
    if options.against == .source, let found = place.found {
      result.reference = .source(path: found.path)
      let reader = try StoreReader(
        directory: found.path, store: found, keys: keys, options: reading, vectors: vectors)
      if try SourceDigest(of: found).bytes != recorded.sourceDigest {
        result.notes.append(
          "the files have changed since they were migrated; --against backup compares with "
            + "the migrated files")
      }
      return reader
    }
    let copy = try place.backups.copy(of: recorded.name, digest: recorded.sourceDigest)
    result.reference = .backup(path: "\(copy.backup.path)/\(copy.store.folder)")
    return try StoreReader(
      in: copy.backup.open(copy.store), store: copy.store.asFound(), keys: keys, options: reading,
      vectors: vectors)
  }

  /// Returns the table of documents; where the table is missing and no store has documents, throws
  /// that there is nothing to verify.
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
      root: options.userDataDirectory, place: options.place,
      excluding: [options.backupDirectory])
    // The application's files may no longer exist: in that case the backups are used.
    guard Directory.exists(scanner.root) else { return [:] }
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
        : "none of the \(all.count) stores matches --user, --collection and --exclude "
          + "together",
      remedy: "list the stores with: vector-ferry scan")
  }

  private func mathEngine() throws -> Engine {
    if let engine { return engine }
    let made = try Engine(isStopped: { StopRequest.isMade })
    engine = made
    return made
  }
}
