internal import Ledger
internal import Digests
internal import Postgres
internal import Layouts
internal import Stores

/// What stands in the database of a store that is to be rolled back.
enum RolledBackStore {
  /// The rows that the ledger lists and that are still there.
  struct Standing {
    var visible = 0
    /// Those that somebody has changed.
    var edited: [UUIDValue] = []
    /// Those that a run had taken over and nobody has changed.
    var adopted = 0
    /// Those that go: a run wrote them, and nobody has changed them.
    var removed: Int { visible - edited.count - adopted }

    /// The same for people.
    var kept: KeptDocuments {
      var kept = KeptDocuments()
      for id in edited { kept.add(id.description) }
      return kept
    }
  }

  /// The table by the name that the ledger has.
  static func table(_ catalogueName: String, on connection: Connection) throws -> VectorTable {
    let names = try connection.query(
      """
      SELECT n.nspname::text, c.relname::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass(\(catalogueName))
      """)
    guard names.rowCount == 1 else {
      throw Failure(
        .database, "the table \(catalogueName) that the run wrote to is not there any more",
        remedy: "bring the table back, or carry the store over again")
    }
    let name = QualifiedName(
      schema: Identifier(try names.value(0, 0)), Identifier(try names.value(0, 1)))
    guard let table = try VectorTable.find(name, on: connection) else {
      throw Failure(.database, "the table \(catalogueName) is not there any more")
    }
    return table
  }

  /// Compares every row with its fingerprint; in the transaction that is open.
  ///
  /// Rows that row-level security hides cannot be told from deleted ones: nothing is decided then.
  static func look(at recorded: RecordedStore, table: VectorTable, on connection: Connection)
    throws -> Standing
  {
    var standing = Standing()
    let adopted = try AdoptedRows(
      connection: connection, table: table, name: recorded.name, store: recorded.id
    ).ids()
    let rows = LedgerRows(connection: connection, table: table, name: recorded.name)
    try rows.forEach(ofStore: recorded.id) { row in
      standing.visible += 1
      guard let id = row.id else { return }
      if row.isEdited {
        standing.edited.append(id)
      } else if adopted.contains(id) {
        standing.adopted += 1
      }
    }
    guard !table.hasActiveRowSecurity || standing.visible == recorded.documents else {
      throw Failure(
        .database,
        "row-level security shows this role \(standing.visible) of \(recorded.documents) rows",
        remedy: "roll back as the table's owner or as a role with BYPASSRLS")
    }
    return standing
  }
}
