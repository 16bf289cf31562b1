internal import Digests
internal import Dimensions
internal import Doctor
internal import Layouts
internal import Ledger
internal import Models
internal import OwnSchema
internal import Postgres
internal import Stores
internal import Unlisted

extension DatabaseAnswers {
  /// Creates the answers of a database, which are read through a session; nothing is written.
  init(
    _ state: DatabaseState, options: MigrationOptions,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    name = state.name
    table = state.table
    hasLedger = state.schemaVersion > 0
    triggers = state.triggers
    eventTriggers = state.eventTriggers.map(\.words)
    referring = state.referring
    reembedded = state.reembedded?.refusal
    let connection = state.connection
    canKeepOriginals = {
      try state.facts.halfvecObstacle == nil && OriginalsTable.isWritable(on: connection)
    }
    let target = state.table?.name ?? state.name
    writer = { try LedgerReader.writer(of: $0, table: target, on: connection) }
    sharedModel = { shape, models in
      guard state.schemaVersion == FerrySchema.currentVersion else {
        return try models.model(shape, in: nil)
      }
      return try connection.transaction(readOnly: true) {
        try models.model(shape, in: ModelTable(connection: connection))
      }
    }
    guard let table else { return }
    let stores = StoreQuestions(
      connection: connection, table: table, schemaVersion: state.schemaVersion,
      isInterrupted: isInterrupted)
    entry = { try LedgerReader(connection: connection, table: table).entry(for: $0) }
    hasDoubles = stores.hasDoubles
    unlisted = stores.unlisted
    edited = stores.edited
    added = stores.added
    taken = stores.taken
    removals = { reader in
      try RemovalCount(
        table: table, connection: connection, schemaVersion: state.schemaVersion,
        isInterrupted: isInterrupted
      ).count(reader)
    }
    refusalOfLosses = { removals in
      try ReferenceGuard(of: table, allowed: options.allowedLosses, on: connection)
        .refusal(ofDeleting: removals.rows, losing: removals.losses)
    }
  }
}

/// Questions about one store, each in a transaction of its own, so that no snapshot is held while
/// files are read.
private struct StoreQuestions {
  let connection: Connection
  let table: VectorTable
  let schemaVersion: Int
  let isInterrupted: @Sendable () -> Bool

  func hasDoubles(of name: StoreName) throws -> Bool {
    try looking(at: name) { try scope(of: name).hasDoubles(on: connection) }
  }

  func unlisted(beside reader: StoreReader, choice: UnlistedRows.Choice) throws -> UnlistedRows {
    let name = reader.store.name
    var survey = try looking(at: name) {
      try UnlistedSurvey(of: name, in: table, schemaVersion: schemaVersion, on: connection)
    }
    return try survey.compare(with: reader, choice: choice, isInterrupted: isInterrupted)
  }

  func edited(of entry: LedgerEntry, _ name: StoreName) throws -> KeptDocuments {
    var edited = KeptDocuments()
    try looking(at: name) {
      try LedgerRows(connection: connection, table: table, name: name)
        .forEach(ofStore: entry.id) { row in
          if row.isEdited { edited.add(row.name) }
        }
    }
    return edited
  }

  func added(to entry: LedgerEntry, _ name: StoreName) throws -> Int {
    try looking(at: name) {
      try AddedDocuments(connection: connection, table: table, name: name, store: entry.id).count()
    }
  }

  func taken(by reader: StoreReader) throws -> [Document] {
    var taken: [Document] = []
    let name = reader.store.name
    let scope = scope(of: name)
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      guard !batch.documents.isEmpty else { return }
      let found = try looking(at: name, prefersHashJoins: false) {
        var found: Set<UUIDValue> = []
        try connection.copyOut(
          """
          SELECT t.id FROM \(table.rows) t
          WHERE t.id = ANY (\(batch.documents.map(\.id).array)) AND (\(scope.ownRows)) IS NOT TRUE
            AND NOT EXISTS (SELECT FROM (\(scope.adopted)) a WHERE a.own_id = t.id)
          """
        ) { row in
          if let id = UUIDValue(bytes: try row.required()) { found.insert(id) }
        }
        return found
      }
      taken += batch.documents.lazy.filter { found.contains($0.id) }
    }
    return taken
  }

  private func scope(of name: StoreName) -> UnlistedScope {
    UnlistedScope(table: table, name: name, schemaVersion: schemaVersion)
  }

  private func looking<Result>(
    at name: StoreName, prefersHashJoins: Bool = true, _ body: () throws -> Result
  ) throws -> Result {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: name.user, on: connection)
      if prefersHashJoins {
        try LedgerReader(connection: connection, table: table).preferHashJoins()
      }
      return try body()
    }
  }
}
