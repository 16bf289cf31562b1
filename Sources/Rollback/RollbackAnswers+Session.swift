internal import Digests
internal import Layouts
internal import Ledger
internal import Machine
internal import Migration
internal import OwnSchema
internal import Postgres
internal import Stores
internal import Unlisted

extension RollbackAnswers {
  /// Creates answers that are read through a session; nothing is written.
  init(_ options: RollbackOptions, on connection: Connection) {
    let table = LazyTable(name: options.table, connection: connection)
    named = { try RollbackTarget.named($0, on: connection) }
    self.table = {
      let found = try table.find()
      return (found.name.description, found.catalogueName)
    }
    latest = { try RollbackTarget.latest(in: table.find(), on: connection) }
    lastRolledBack = {
      try RollbackTarget.lastRolledBack(in: table.find(), unfinished: $0, on: connection)
    }
    leftOut = { run in
      let rows = try connection.query(RollbackQueries.leftOut(run: run.uuid))
      return try rows.map { (row) throws(PostgresError) in
        RollbackPlan.LeftOut(
          name: StoreName(user: try rows.value(row, 0), collection: try rows.value(row, 1)),
          run: RunID(uuid: try rows.value(row, 2)), isOnlyFitted: try rows.value(row, 3))
      }
    }
    stores = { try RecordedStore.all(table: $0, on: connection) }
    standing = { try RecordedRows(store: $0, connection: connection).standing() }
    losses = { try RecordedRows(store: $0, connection: connection).losses(leaving: $1) }
    refusalOfLosses = { store, removals in
      let table = try RolledBackStore.table(store.table, on: connection)
      return try ReferenceGuard(of: table, allowed: options.allowedLosses, on: connection)
        .refusal(ofDeleting: removals.rows, losing: removals.losses)
    }
    replacement = { try Replacement.of(store: $0, on: connection) }
    digestOfReplaced = { name, run in
      let rows = try connection.query(
        RollbackQueries.replacedDigest(run: run.uuid, user: name.user, collection: name.collection))
      return rows.rowCount == 0 ? nil : try rows.value(0, 0, as: ByteString.self).bytes
    }
  }
}

/// The table of documents; it is looked up when it is first used.
private final class LazyTable {
  private let name: QualifiedName
  private let connection: Connection
  private var found: VectorTable?

  init(name: QualifiedName, connection: Connection) {
    self.name = name
    self.connection = connection
  }

  func find() throws -> VectorTable {
    if let found { return found }
    let table = try LedgerAccess.table(name, on: connection)
    found = table
    return table
  }
}

/// The rows of one store of the ledger.
private struct RecordedRows {
  let store: RecordedStore
  let connection: Connection

  func standing() throws -> RollbackAnswers.Standing {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: store.name.user, on: connection)
      let table = try RolledBackStore.table(store.table, on: connection)
      try LedgerReader(connection: connection, table: table).preferHashJoins()
      let listed = try RolledBackStore.look(at: store, table: table, on: connection)
      let rows: Int? = try connection.scalar(
        """
        SELECT count(*) FROM \(table.rows)
        WHERE user_id = \(store.name.user) AND collection_name = \(store.name.collection)
        """)
      let alongside = try AlongsideRows(connection: connection, store: store.id)
        .count(in: table, name: store.name)
      let hasProjection: Bool? = try connection.scalar(
        "SELECT projection_id IS NOT NULL FROM vector_ferry.stores WHERE id = \(store.id)")
      return RollbackAnswers.Standing(
        table: table.name.description, listed: listed, rows: rows ?? 0, alongside: alongside,
        hasProjection: hasProjection ?? false,
        referring: try References(to: table, on: connection).tables())
    }
  }

  func losses(leaving edited: [UUIDValue]) throws -> [ReferringRows] {
    let table = try RolledBackStore.table(store.table, on: connection)
    return try References(to: table, on: connection).count(
      where: RollbackQueries.isRemoved(
        user: store.name.user, collection: store.name.collection, edited: edited.array,
        store: store.id), user: store.name.user)
  }
}

extension RollbackPlan {
  /// Refuses names of `--allow-loss` that are not tables whose rows this rollback can delete or
  /// change.
  func check(allowedLosses names: [String], on connection: Connection) throws {
    guard !names.isEmpty else { return }
    let tables = Set(stores.compactMap(\.rows?.catalogueName))
    try References.checkNames(
      names,
      in: tables.sorted().map {
        try References(to: RolledBackStore.table($0, on: connection), on: connection)
      })
  }
}
