internal import Models
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores

/// Carries one store over: lock, remove what its files hold no more, change what they hold
/// otherwise, add what is new, read back, commit.
///
/// All of it is one transaction. A store is in the database wholly as it was, or wholly as it is.
struct StoreLoad {
  /// How a load ended.
  enum Outcome: Equatable {
    /// Its rows are committed; `kept` stand as the application left them, `removed` have gone.
    case written(documents: Int, kept: KeptDocuments, removed: Int)
    /// The ledger has the same files already: another run was quicker, or this one's COMMIT had
    /// been carried out though its answer was lost.
    case alreadyThere(by: RunID, documents: Int)
  }

  let connection: Connection
  let table: VectorTable
  let planned: PlannedStore
  /// The model of the store, where its vectors are made shorter.
  var model: StoreModel?
  var reducer: Reducer
  let settings: RecordedSettings
  let force: Bool
  /// What the store must stand on.
  enum Basis: Equatable {
    /// Whatever the database holds.
    case anything
    /// What this run wrote, or nothing: what the plan was made on.
    case planned(RunID?)
  }

  /// What the database must hold of the store before.
  var basis = Basis.anything
  /// Writes the store anew although the ledger says that nothing has changed.
  var repeats = false
  /// Keeps the unreduced vectors beside the reduced ones.
  var keepsOriginals = false
  let run: RunID
  let hooks: StageHooks
  /// Throws when the files that were read are no longer what the plan saw.
  var checkSource: () throws -> Void
  /// What is done about rows that no ledger lists; nil where nobody looks for them.
  var unlisted: UnlistedRows.Choice?
  /// Told before the commit what became of them.
  var tellAdoption: (AdoptionReport) -> Void = { _ in }
  /// Tables of which rows may go with documents, as the operator has named them.
  var allowedLosses: [String] = []
  /// Told before the commit which rows of other tables go or change with documents.
  var tellLosses: ([ReferringRows]) -> Void = { _ in }
  var isInterrupted: () -> Bool = { false }
  /// Told how many documents of the application were put into a new model's coordinates.
  var carriedAdded: (Int) -> Void = { _ in }

  /// Reads all of `reader` and commits it.
  func run(_ reader: StoreReader, digest: [UInt8], progress: (Int) -> Void) throws -> Outcome {
    hooks.reached(.beforeTransaction)
    // A row that somebody edits between the comparison and the change or removal ends in a
    // serialization failure: nothing that was not looked at is ever changed or deleted.
    let outcome = try transaction { () -> Outcome in
      try lock()
      let ledger = LedgerReader(connection: connection, table: table)
      let previous = try ledger.entry(for: planned.name)
      if let previous, isThere(previous, digest: digest) {
        return .alreadyThere(by: previous.run, documents: previous.documents)
      }
      if case .planned(let run) = basis, previous?.run != run { throw overtaken }
      if let previous, !force { try refuseEdited(previous) }
      let others = try OtherRows(connection: connection, table: table, name: planned.name)
      let tables = try OtherTables(beside: table, allowed: allowedLosses, on: connection)
      let own = previous == nil && !force ? nil : try ownRows(of: previous?.id)
      let beside = try lookBeside(reader, previous: previous)
      let references = ReferenceGuard(of: table, allowed: allowedLosses, on: connection)
      let outcome = try write(
        reader, digest: digest, replacing: previous, own: own, references: references,
        beside: beside, progress: progress)
      try others.check(.verification, allowing: references.ownLosses)
      tellLosses(references.losses + (try tables.check()))
      hooks.reached(.beforeCommit)
      return outcome
    }
    hooks.reached(.afterCommit)
    return outcome
  }

  /// Writes the store, its model and its ledger row in the transaction that is open, and reads it
  /// back.
  ///
  /// - Parameter own: rows of earlier runs, which are changed where they stand, or go.
  func write(
    _ reader: StoreReader, digest: [UInt8], replacing previous: LedgerEntry?, own: OwnRows?,
    references: ReferenceGuard, beside: RowsBeside = RowsBeside(), progress: (Int) -> Void
  ) throws -> Outcome {
    let collection = CollectionRows(connection: connection, table: table, name: planned.name)
    let before = try collection.count()
    let removed =
      try own?.removeGone(
        keeping: reader, leavesPairs: beside.adoption != nil, force: force,
        references: references, isInterrupted: isInterrupted) ?? 0
    let left = try collection.count(removed: removed, of: before, references)
    if let previous {
      try OriginalsTable(connection: connection, store: previous.id)
        .remove(onlyListed: keepsOriginals)
    }
    let old = try previousProjection(previous)
    let store = try register(reader, digest: digest, replacing: previous)
    if let model { try save(model, store: store) }
    try carryAdded(from: old, store: store, leavesPairs: beside.adoption != nil)
    // Only now: what the application added is told by what the ledger does not list.
    try connection.query("DELETE FROM vector_ferry.documents WHERE store_id = \(store)")
    var originals = try OriginalsDigest()
    var sent = try copy(
      reader, store: store, own: own, references: references, beside: beside,
      originals: &originals, progress: progress)
    try settle(beside, store: store, report: &sent.adopted)
    try connection.fireDeferred()
    try complete(store, sent: sent.digest)
    try checkSource()
    hooks.reached(.verify)
    try own?.checkGone()
    try verify(store, sent: sent.digest)
    try collection.check(left + sent.inserted, .verification)
    if keepsOriginals { try verifyOriginals(store, sent: originals) }
    tellAdoption(sent.adopted)
    tellLosses(references.losses)
    return .written(documents: sent.digest.count, kept: sent.kept, removed: removed)
  }

  /// The rows that a store of the ledger has written; none where there is no store.
  func ownRows(of store: Int?) throws -> OwnRows {
    try OwnRows(ofStore: store, connection: connection, table: table, name: planned.name)
  }

  /// Runs `body` in one transaction that sees one moment; no message repeats a row of it.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try connection.handlingRows { try connection.transaction(.repeatableRead, body) }
  }

  /// Files that were read before another run's must not replace them unseen.
  private var overtaken: Failure {
    Failure(
      .database, "another run has written the store since the plan was made, from other files",
      remedy: "run again: the plan is then made on what that run wrote")
  }

  /// Takes the store's lock until the transaction ends.
  func lock() throws {
    try StoreLock(connection: connection, table: table.name, store: planned.name, run: run).take()
  }

  /// True where what these files hold stands in the database; with `force` or `repeats`, where it
  /// was this run that put it there.
  private func isThere(_ entry: LedgerEntry, digest: [UInt8]) -> Bool {
    entry.holds(digest, settings: settings) && (!force && !repeats || entry.run == run)
  }

  /// Writes the store's ledger row, and takes an earlier model of its own away; counts, content
  /// and the new model follow when they are known.
  private func register(_ reader: StoreReader, digest: [UInt8], replacing previous: LedgerEntry?)
    throws -> Int
  {
    let id: Int? = try connection.scalar(
      """
      INSERT INTO vector_ferry.stores
        (table_name, user_id, collection_name, run_id, source_path, source_digest, settings,
         documents, source_dimensions, dimensions, content_digest, state, keeps_original)
      VALUES
        (\(table.catalogueName), \(planned.name.user), \(planned.name.collection),
         \(run.uuid), \(planned.store.path), \(ByteString(digest)), \(settings.text),
         0, \(reader.dimensions), \(table.dimensions), ''::bytea, 'migrated', \(keepsOriginals))
      ON CONFLICT (user_id, collection_name, table_name) DO UPDATE SET
        (run_id, source_path, source_digest, settings, source_dimensions, dimensions,
         keeps_original) =
        (excluded.run_id, excluded.source_path, excluded.source_digest, excluded.settings,
         excluded.source_dimensions, excluded.dimensions, excluded.keeps_original),
        migrated_at = now(), projection_id = NULL, recall = NULL, score_change = NULL,
        queries = NULL
      RETURNING id
      """)
    guard let id else {
      throw PostgresError.unexpected(operation: "INSERT", what: "no id came back")
    }
    try previous?.remember(asReplacedBy: id, on: connection)
    try connection.query("DELETE FROM vector_ferry.projections WHERE store_id = \(id)")
    return id
  }

  private func complete(_ store: Int, sent: ContentDigest) throws {
    try connection.query(
      """
      UPDATE vector_ferry.stores
      SET documents = \(sent.count), content_digest = \(ByteString(sent.bytes))
      WHERE id = \(store)
      """)
  }
}
