internal import Ledger
internal import Digests
internal import Machine
internal import Migration
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores
internal import Unlisted

/// Rolls one store back in one transaction.
///
/// The store's unchanged rows, its projection and its ledger row are deleted. Where the earlier
/// state is restored, rows that belong to it are changed in place, and only the other rows are
/// deleted.
struct StoreRollback {
  let connection: Connection
  let plan: RollbackPlan.StorePlan
  let rows: RollbackPlan.Rows
  /// The run that is rolled back.
  let run: RunID
  /// The id of the rollback itself, which other runs see as the holder of the lock.
  let actor: RunID
  let hooks: StageHooks
  /// The tables whose rows may be deleted or changed with documents, as the operator has named
  /// them.
  let allowedLosses: [String]
  /// Loads the earlier state in the open transaction; nil where this state is not restored.
  let restore: PreviousState.Restoration?

  /// Returns true for errors that show that another session works on the same rows.
  static func isConflict(_ error: any Error) -> Bool {
    ["40001", "40P01"].contains((error as? PostgresError)?.serverError?.sqlState)
  }

  /// Rolls the store back, and records the results in `result`, even where COMMIT's answer was
  /// lost.
  func run(into result: inout RollbackResult) throws {
    var done = result
    // If a row is edited at this moment, the transaction ends with a serialization failure: no row
    // is deleted that was not compared.
    do {
      try connection.handlingRows {
        try connection.transaction(.repeatableRead) { try rollBackStore(into: &done) }
      }
    } catch PostgresError.commitUnknown(let reason) {
      result = done
      throw PostgresError.commitUnknown(reason: reason)
    }
    result = done
    hooks.reached(.rollbackAfterCommit)
  }

  /// Rolls the store back in the open transaction.
  private func rollBackStore(into done: inout RollbackResult) throws {
    let recorded = try lockedStore()
    let table = try RolledBackStore.table(recorded.table, on: connection)
    hooks.reached(.rollbackLocked)
    try LedgerReader(connection: connection, table: table).preferHashJoins()
    let collection = CollectionRows(connection: connection, table: table, name: recorded.name)
    let others = try OtherRows(connection: connection, table: table, name: recorded.name)
    let tables = try OtherTables(beside: table, allowed: allowedLosses, on: connection)
    let before = try collection.count()
    let listed = try RolledBackStore.look(at: recorded, table: table, on: connection)
    let beside = try restore == nil ? nil : findRowsBesideRestored(recorded, listed, in: table)
    // The ledger shows which rows the application has added only as long as it lists the store.
    if let restore {
      (done.converted, done.unconverted) = try restore.prepareAdded(recorded.id, table)
    }
    done.putBack = try putBack(recorded, listed, in: table)
    try rememberFormer(recorded, putBack: done.putBack)
    try unlist(listed.edited, of: recorded)
    done.edited = listed.kept
    if let restore, let beside {
      let own = try OwnRows(
        ofStore: recorded.id, connection: connection, table: table, name: recorded.name)
      try forget(recorded)
      hooks.reached(.rollbackRemoved)
      let restored = try restore.load(table, own, beside)
      (done.restored, done.removed) = (restored.documents, restored.removed)
      done.losses = restored.losses
    } else {
      let references = ReferenceGuard(of: table, allowed: allowedLosses, on: connection)
      done.removed = try remove(recorded, listed, from: table, references)
      done.losses = references.losses
      try forget(recorded)
      let left = try collection.count(removed: done.removed, of: before, references)
      try collection.check(left, .database)
      hooks.reached(.rollbackRemoved)
    }
    let own = done.losses.first { $0.table == table.name }?.counts
    try others.check(.database, allowing: own ?? (0, 0))
    done.losses += try tables.check()
    hooks.reached(.rollbackBeforeCommit)
  }

  /// Takes the store's lock and returns its ledger row; refuses a store that another run has
  /// written meanwhile.
  private func lockedStore() throws -> RecordedStore {
    guard let known = try RecordedStore.find(rows.store, on: connection), known.run == run else {
      throw changedMeanwhile
    }
    let table = try RolledBackStore.table(known.table, on: connection)
    try StoreLock(connection: connection, table: table.name, store: known.name, run: actor).take()
    try RowSecurity.act(for: known.name.user, on: connection)
    return known
  }

  private var changedMeanwhile: Failure {
    Failure(
      .database, "another run has replaced the store since the plan was made",
      remedy: "run again: a new plan is then made")
  }

  /// Restores adopted rows to their earlier state, and removes them from the ledger.
  private func putBack(
    _ recorded: RecordedStore, _ listed: RolledBackStore.ListedRows, in table: VectorTable
  ) throws -> Int {
    let adopted = AdoptedRows(
      connection: connection, table: table, name: recorded.name, store: recorded.id)
    let ids = try adopted.ids()
    guard !ids.isEmpty else { return 0 }
    return try adopted.putBack(.listed, leaving: listed.edited.filter(ids.contains)) {
      try connection.query(
        """
        DELETE FROM vector_ferry.documents d USING pg_temp.vector_ferry_put_back p
        WHERE d.store_id = \(recorded.id) AND d.document_id = p.id
        """)
    }
  }

  /// Returns the rows of the restored collection that are not written by the load: rows that an
  /// earlier run had adopted, and rows that the ledger does not list, with those that this run had
  /// adopted.
  private func findRowsBesideRestored(
    _ recorded: RecordedStore, _ listed: RolledBackStore.ListedRows, in table: VectorTable
  ) throws -> StoreLoad.RowsBeside {
    var beside = StoreLoad.RowsBeside()
    beside.kept = try AdoptedRows(
      connection: connection, table: table, name: recorded.name, store: recorded.id
    ).ids().intersection(listed.edited)
    let adoption = try Adoption(connection: connection, table: table, name: recorded.name)
    try adoption.addEarlier(fromStore: recorded.id, leavingOut: run)
    beside.adoption = adoption
    beside.alongside = []
    try connection.copyOut(RollbackQueries.rowsBeside(store: recorded.id)) { row in
      guard let id = UUIDValue(bytes: try row.required()) else { return }
      beside.alongside?.append(.init(id: id, text: nil, own: nil))
    }
    return beside
  }

  /// Records that the ledger once listed the store, unless the collection has rows that existed
  /// before the store was migrated.
  ///
  /// With this record, the rows that stay count as rows of the application, and do not stop the
  /// next run.
  private func rememberFormer(_ recorded: RecordedStore, putBack: Int) throws {
    try connection.query(
      """
      DELETE FROM vector_ferry.former_stores
      WHERE user_id = \(recorded.name.user) AND collection_name = \(recorded.name.collection)
        AND table_name = \(recorded.table)
      """)
    guard putBack == 0 else { return }
    try connection.query(RollbackQueries.rememberStore(store: recorded.id))
  }

  /// Removes edited rows from the ledger; they stay in the table.
  private func unlist(_ edited: [UUIDValue], of recorded: RecordedStore) throws {
    for first in stride(from: 0, to: edited.count, by: BatchSize.documents) {
      let ids = Array(edited[first..<min(first + BatchSize.documents, edited.count)])
      try connection.query(
        """
        DELETE FROM vector_ferry.documents
        WHERE store_id = \(recorded.id) AND document_id = ANY (\(ids.array))
        """)
    }
  }

  /// Deletes the unchanged rows.
  private func remove(
    _ recorded: RecordedStore, _ listed: RolledBackStore.ListedRows, from table: VectorTable,
    _ references: ReferenceGuard
  ) throws -> Int {
    let count = listed.removed
    let documents = count == 1 ? "1 document that is" : "\(count) documents that are"
    let removed = try references.watch(.deletion, of: "\(documents) removed") {
      try connection.asApplication {
        try connection.query(
          RollbackQueries.remove(
            table: table.name, store: recorded.id, key: table.row.key,
            isOfStore: table.row.isOf(recorded.name))
        ).affectedRows
      }
    }
    try connection.fireDeferred()
    guard removed == listed.removed else {
      throw Failure(
        .database,
        "\(listed.removed) rows should have been deleted, but the server deleted \(removed)",
        remedy:
          "nothing of this store was changed; look for triggers, rules or policies on the table"
      )
    }
    return removed
  }

  /// Deletes the store from the ledger, with everything that is recorded of it; throws where
  /// another run has replaced the store.
  private func forget(_ recorded: RecordedStore) throws {
    let stores = try connection.query(
      "DELETE FROM vector_ferry.stores WHERE id = \(recorded.id) AND run_id = \(run.uuid)")
    guard stores.affectedRows == 1 else { throw changedMeanwhile }
  }
}
