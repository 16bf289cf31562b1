internal import Machine
internal import Models
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores
internal import Unlisted

/// Migrates one store: takes the lock, deletes rows that its files no longer have, changes rows
/// that differ, adds new rows, reads all rows back, and commits.
///
/// All of this is one transaction: the database has either the earlier state of the store or the
/// new one.
package struct StoreLoad {
  /// The result of a load.
  enum Outcome: Equatable {
    /// The rows are committed; `kept` rows stay as the application left them, `removed` rows were
    /// deleted.
    case written(documents: Int, kept: KeptDocuments, removed: Int)
    /// The ledger already has the same files: another run was faster, or this run's COMMIT
    /// succeeded although its answer was lost.
    case alreadyThere(by: RunID, documents: Int)
  }

  let connection: Connection
  let table: VectorTable
  let planned: PlannedStore
  /// The model of the store; nil where the store's vectors are not reduced.
  var model: StoreModel?
  var reducer: Reducer
  let settings: RecordedSettings
  let force: Bool
  /// The state of the store that a load requires in the database.
  enum Basis: Equatable {
    /// Any state is accepted.
    case anything
    /// The state must have been written by the run with this id; nil where the ledger must not list
    /// the store.
    case planned(RunID?)
  }

  /// The state of the store that the database must have before the load.
  var basis = Basis.anything
  /// True where the store is written again although nothing has changed according to the ledger.
  var repeats = false
  /// True where the same documents are written again with another model: the ledger then goes on
  /// naming the run that has written them, and what that run has replaced.
  var keepsRun = false
  /// Measures the stages of the load.
  var timings = RunTimings()
  /// True where the unreduced vectors are kept in addition to the reduced ones.
  var keepsOriginals = false
  let run: RunID
  let hooks: StageHooks
  /// Throws where the files that were read have changed since the plan was made.
  var checkSource: () throws -> Void
  /// The treatment of rows that the ledger does not list; nil where such rows are not looked for.
  var unlisted: UnlistedRows.Choice?
  /// Called before the commit with the report about rows that the ledger did not list.
  var reportAdoption: (AdoptionReport) -> Void = { _ in }
  /// The tables whose rows may be deleted or changed with documents, as the operator has named
  /// them.
  var allowedLosses: [String] = []
  /// Called before the commit with the rows of other tables that are deleted or changed together
  /// with documents.
  var reportLosses: ([ReferringRows]) -> Void = { _ in }
  var isInterrupted: () -> Bool = { false }
  /// Called with the number of documents of the application that were converted to a new model.
  var reportConverted: (Int) -> Void = { _ in }
  /// Called after the last row with a model that was measured while the store was loaded; throws
  /// where the model is not accepted.
  var reportMeasured: (FittedModel) throws -> Void = { _ in }
  /// Called with the number of originals of the application's documents that are deleted.
  var reportDeletedOriginals: (Int) -> Void = { _ in }

  /// Reads all of `reader`, writes it and commits.
  func run(_ reader: StoreReader, digest: [UInt8], progress: (Int) -> Void) throws -> Outcome {
    hooks.reached(.beforeTransaction)
    // If a row is edited between the comparison and its change or deletion, the transaction ends
    // with a serialization failure: no row is changed or deleted that was not compared.
    let lock = storeLock
    let ledger = LedgerReader(connection: connection, table: table)
    let opening =
      lock.questions + ledger.questions(about: planned.name)
      + [
        CollectionState.question(about: planned.name, in: table),
        TableStorage.question(about: table),
      ] + OtherTables.questions
    let outcome = try transaction(opening: opening) { answers -> Outcome in
      var answers = answers
      try lock.confirm(&answers)
      let previous = try ledger.entry(from: &answers)
      if let previous, isThere(previous, digest: digest) {
        return .alreadyThere(by: previous.run, documents: previous.documents)
      }
      if case .planned(let run) = basis, previous?.run != run { throw overtaken }
      if let previous, !force { try refuseEdited(previous) }
      let state = try CollectionState(try answers.next())
      let others = try OtherRows(
        try answers.next(), connection: connection, table: table, name: planned.name)
      let tables = try OtherTables(
        beside: table, allowed: allowedLosses, &answers, on: connection)
      let own = previous == nil && !force ? nil : try ownRows(of: previous?.id)
      let beside = try findRowsBeside(reader, previous: previous, state: state)
      let references = ReferenceGuard(of: table, allowed: allowedLosses, on: connection)
      let outcome = try write(
        reader, digest: digest, replacing: previous, own: own, references: references,
        beside: beside, state: state, progress: progress)
      var written = QueryAnswers(
        try connection.query(each: [TableStorage.question(about: table), OtherTables.question]))
      try others.check(.verification, allowing: references.ownLosses, now: try written.next())
      reportLosses(references.losses + (try tables.check(try written.next())))
      hooks.reached(.beforeCommit)
      return outcome
    }
    hooks.reached(.afterCommit)
    return outcome
  }

  /// Writes the store, its model and its ledger row in the open transaction, and reads the rows
  /// back.
  ///
  /// - Parameters:
  ///   - own: the rows of earlier runs, which are changed in place or deleted; nil where no rows
  ///     are looked for.
  ///   - state: the state of the collection in the table, read in this transaction before any row
  ///     is written.
  func write(
    _ reader: StoreReader, digest: [UInt8], replacing previous: LedgerEntry?, own: OwnRows?,
    references: ReferenceGuard, beside: RowsBeside, state: CollectionState,
    progress: (Int) -> Void
  ) throws -> Outcome {
    let collection = CollectionRows(connection: connection, table: table, name: planned.name)
    let removed =
      try own?.removeGone(
        keeping: reader, leavesPairs: beside.adoption != nil, force: force,
        references: references, isInterrupted: isInterrupted) ?? 0
    let left = try collection.count(removed: removed, of: state.rows, references)
    let old = try previousProjection(previous)
    let store = try register(reader, digest: digest, replacing: previous)
    if let model { try save(model, store: store) }
    try convertAdded(
      from: old, store: store, dimensions: reader.documentCount > 0 ? reader.dimensions : nil,
      leavesPairs: beside.adoption != nil)
    if previous != nil {
      try removeOriginals(ofStore: store)
      // This is deleted only now: until here, the application's rows are recognised by the fact that
      // the ledger does not list them.
      try connection.query("DELETE FROM vector_ferry.documents WHERE store_id = \(store)")
    }
    var originals = try OriginalsDigest()
    var sent = try timings.measure(.loading, within: .committing, on: connection) {
      try copy(
        reader, store: store, own: own, references: references, beside: beside, state: state,
        originals: &originals, progress: progress)
    }
    try finishMeasurement(store: store)
    try settle(beside, store: store, isNew: previous == nil, report: &sent.adopted)
    try connection.fireDeferred()
    try checkSource()
    hooks.reached(.verify)
    try own?.checkGone()
    try timings.measure(.readingBack, within: .committing, on: connection) {
      try verify(store, sent: sent.digest)
      let found = try connection.query(each: [
        completing(store, sent: sent.digest), collection.question,
      ])[1]
      try collection.check(left + sent.inserted, .verification, found: try found.value(0, 0))
      if keepsOriginals { try verifyOriginals(store, sent: originals) }
    }
    reportAdoption(sent.adopted)
    reportLosses(references.losses)
    return .written(documents: sent.digest.count, kept: sent.kept, removed: removed)
  }

  /// Collects the rows that earlier runs wrote for a store of the ledger; no rows where `store` is
  /// nil.
  func ownRows(of store: Int?) throws -> OwnRows {
    try OwnRows(ofStore: store, connection: connection, table: table, name: planned.name)
  }

  /// Runs `body` in one transaction with a single snapshot; error messages do not contain values of
  /// rows.
  ///
  /// - Parameter opening: queries that are sent together with BEGIN, whose answers `body` gets.
  func transaction<Result>(opening: [SQL] = [], _ body: (QueryAnswers) throws -> Result) throws
    -> Result
  {
    try connection.handlingRows {
      try connection.transaction(.repeatableRead, opening: opening) {
        try body(QueryAnswers($0))
      }
    }
  }

  /// The failure where another run has written the store: files that were read before must not
  /// silently replace what that run wrote.
  private var overtaken: Failure {
    Failure(
      .database, "another run has written the store since the plan was made, from other files",
      remedy: "run again: the new plan then takes the rows of that run into account")
  }

  /// The store's lock, which is held until the transaction ends.
  var storeLock: StoreLock {
    StoreLock(connection: connection, table: table.name, store: planned.name, run: run)
  }

  /// Returns true where the database already holds the contents of these files; with `force` or
  /// `repeats`, only where this run has written them.
  private func isThere(_ entry: LedgerEntry, digest: [UInt8]) -> Bool {
    entry.holds(digest, settings: settings) && (!force && !repeats || entry.run == run)
  }

  /// Writes the store's ledger row, and deletes the store's own earlier model; counts, content
  /// digest and the new model are written later.
  private func register(_ reader: StoreReader, digest: [UInt8], replacing previous: LedgerEntry?)
    throws -> Int
  {
    let id: Int? = try connection.scalar(
      StoreLoadQueries.register(
        table: table.catalogueName, user: planned.name.user, collection: planned.name.collection,
        run: run.uuid, path: planned.store.path, digest: ByteString(digest),
        settings: settings.text, sourceDimensions: reader.dimensions, dimensions: table.dimensions,
        keepsOriginals: keepsOriginals, keepsRun: keepsRun))
    guard let id else {
      throw PostgresError.unexpected(operation: "INSERT", what: "no id came back")
    }
    if let previous {
      if !keepsRun { try previous.remember(asReplacedBy: id, on: connection) }
      try connection.query("DELETE FROM vector_ferry.projections WHERE store_id = \(id)")
    }
    return id
  }

  /// Returns the statement that writes what was sent into the store's ledger row.
  private func completing(_ store: Int, sent: ContentDigest) -> SQL {
    """
    UPDATE vector_ferry.stores
    SET documents = \(sent.count), content_digest = \(ByteString(sent.bytes))
    WHERE id = \(store)
    """
  }
}
