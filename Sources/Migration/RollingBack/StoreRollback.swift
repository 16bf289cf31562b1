internal import Ledger
internal import Digests
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores

/// Takes one store out of the database again, in one transaction.
///
/// Its unchanged rows go, its projection and its ledger row. Where what it had replaced is brought
/// back, rows are changed to that where they stand, and only the others go.
struct StoreRollback {
  let connection: Connection
  let plan: RollbackPlan.StorePlan
  let rows: RollbackPlan.Rows
  /// The run that is taken back.
  let run: RunID
  /// The rollback itself, which others see as the holder of the lock.
  let actor: RunID
  let hooks: StageHooks
  /// Tables of which rows may go with documents, as the operator has named them.
  let allowedLosses: [String]
  /// Loads the state before, in the transaction that is open; nil where it is not brought back.
  let restore: PreviousState.Restoration?

  /// True for errors that tell of others at work on the same rows.
  static func isConflict(_ error: any Error) -> Bool {
    ["40001", "40P01"].contains((error as? PostgresError)?.serverError?.sqlState)
  }

  /// Does it, and notes in `result` what was done, also where COMMIT's answer was lost.
  func run(into result: inout RollbackResult) throws {
    var done = result
    // An edit at this very moment ends in a serialization failure: nothing that was not looked at
    // is ever deleted.
    do {
      try connection.handlingRows {
        try connection.transaction(.repeatableRead) { try takeBack(into: &done) }
      }
    } catch PostgresError.commitUnknown(let reason) {
      result = done
      throw PostgresError.commitUnknown(reason: reason)
    }
    result = done
    hooks.reached(.rollbackAfterCommit)
  }

  /// All that happens in the transaction that is open.
  private func takeBack(into done: inout RollbackResult) throws {
    let recorded = try lockedStore()
    let table = try RolledBackStore.table(recorded.table, on: connection)
    hooks.reached(.rollbackLocked)
    try LedgerReader(connection: connection, table: table).preferHashJoins()
    let collection = CollectionRows(connection: connection, table: table, name: recorded.name)
    let others = try OtherRows(connection: connection, table: table, name: recorded.name)
    let tables = try OtherTables(beside: table, allowed: allowedLosses, on: connection)
    let before = try collection.count()
    let standing = try RolledBackStore.look(at: recorded, table: table, on: connection)
    let beside = try restore == nil ? nil : besideRestored(recorded, standing, in: table)
    done.putBack = try putBack(recorded, standing, in: table)
    try rememberFormer(recorded, putBack: done.putBack)
    try unlist(standing.edited, of: recorded)
    done.edited = standing.kept
    if let restore, let beside {
      let own = try OwnRows(
        ofStore: recorded.id, connection: connection, table: table, name: recorded.name)
      try forget(recorded)
      hooks.reached(.rollbackRemoved)
      (done.restored, done.removed, done.losses) = try restore(table, own, beside)
    } else {
      let references = ReferenceGuard(of: table, allowed: allowedLosses, on: connection)
      done.removed = try remove(recorded, standing, from: table, references)
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

  /// The store's ledger row under its lock; refuses one that another run has taken meanwhile.
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
      .database, "another run has replaced it since the plan was made",
      remedy: "run again: the plan is then another")
  }

  /// Makes rows that a run had taken over what they were before, and takes them out of the ledger.
  private func putBack(
    _ recorded: RecordedStore, _ standing: RolledBackStore.Standing, in table: VectorTable
  ) throws -> Int {
    let adopted = AdoptedRows(
      connection: connection, table: table, name: recorded.name, store: recorded.id)
    let ids = try adopted.ids()
    guard !ids.isEmpty else { return 0 }
    return try adopted.putBack(.listed, leaving: standing.edited.filter(ids.contains)) {
      try connection.query(
        """
        DELETE FROM vector_ferry.documents d USING pg_temp.vector_ferry_put_back p
        WHERE d.store_id = \(recorded.id) AND d.document_id = p.id
        """)
    }
  }

  /// What the state before the run had beside its own rows: what an earlier run had taken over, and
  /// what stays alongside, among it what this run had taken over.
  private func besideRestored(
    _ recorded: RecordedStore, _ standing: RolledBackStore.Standing, in table: VectorTable
  ) throws -> StoreLoad.RowsBeside {
    var beside = StoreLoad.RowsBeside()
    beside.kept = try AdoptedRows(
      connection: connection, table: table, name: recorded.name, store: recorded.id
    ).ids().intersection(standing.edited)
    let adoption = try Adoption(connection: connection, table: table, name: recorded.name)
    try adoption.carry(fromStore: recorded.id, leavingOut: run)
    beside.adoption = adoption
    beside.alongside = []
    try connection.copyOut(
      """
      SELECT document_id FROM vector_ferry.alongside WHERE store_id = \(number: recorded.id)
      UNION SELECT document_id FROM vector_ferry.adoptions a
      WHERE store_id = \(number: recorded.id) AND NOT EXISTS (
        SELECT FROM \(Adoption.pairs) p WHERE p.row_id = a.document_id)
      """
    ) { row in
      guard let id = UUIDValue(bytes: try row.required()) else { return }
      beside.alongside?.append(.init(id: id, text: nil, own: nil))
    }
    return beside
  }

  /// Remembers that the ledger has known the store, unless it had rows that others wrote before.
  ///
  /// What stays of it is the application's then, and no reason to stop the next run.
  private func rememberFormer(_ recorded: RecordedStore, putBack: Int) throws {
    try connection.query(
      """
      DELETE FROM vector_ferry.former_stores
      WHERE user_id = \(recorded.name.user) AND collection_name = \(recorded.name.collection)
        AND table_name = \(recorded.table)
      """)
    guard putBack == 0 else { return }
    try connection.query(
      """
      INSERT INTO vector_ferry.former_stores (table_name, user_id, collection_name, run_id)
      SELECT s.table_name, s.user_id, s.collection_name, s.run_id FROM vector_ferry.stores s
      WHERE s.id = \(recorded.id) AND NOT EXISTS (
        SELECT FROM vector_ferry.alongside b WHERE b.store_id = s.id)
      """)
  }

  /// Takes rows out of the ledger that stay as somebody has left them.
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
    _ recorded: RecordedStore, _ standing: RolledBackStore.Standing, from table: VectorTable,
    _ references: ReferenceGuard
  ) throws -> Int {
    let count = standing.removed
    let documents = count == 1 ? "1 document that is" : "\(count) documents that are"
    let removed = try references.watch(.deletion, of: "\(documents) removed") {
      try connection.asApplication {
        try connection.query(
          """
          DELETE FROM \(table.name) t USING vector_ferry.documents d
          WHERE d.store_id OPERATOR(pg_catalog.=) \(recorded.id)
            AND \(table.row.key) OPERATOR(pg_catalog.=) d.document_id
            AND \(table.row.isOf(recorded.name))
          """
        ).affectedRows
      }
    }
    try connection.fireDeferred()
    guard removed == standing.removed else {
      throw Failure(
        .database,
        "\(standing.removed) rows were to go, the server removed \(removed)",
        remedy:
          "nothing of this store was changed; look for triggers, rules or policies on the table"
      )
    }
    return removed
  }

  /// Takes everything away that VectorFerry keeps of the store.
  private func forget(_ recorded: RecordedStore) throws {
    let stores = try connection.query(
      "DELETE FROM vector_ferry.stores WHERE id = \(recorded.id) AND run_id = \(run.uuid)")
    guard stores.affectedRows == 1 else { throw changedMeanwhile }
  }
}
