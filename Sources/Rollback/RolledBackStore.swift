internal import Ledger
internal import Digests
internal import Postgres
internal import Layouts
internal import Stores
internal import Unlisted

/// The state of a store in the database before its rollback.
enum RolledBackStore {
  /// The rows that the ledger lists and that are still in the table.
  struct ListedRows {
    var visible = 0
    /// The rows that were changed.
    var edited: [UUIDValue] = []
    /// The number of rows that a run has adopted and that were not changed since then.
    var adopted = 0
    /// The number of rows that will be deleted: a run wrote them, and they were not changed.
    var removed: Int { visible - edited.count - adopted }

    /// The changed rows in the form for reports.
    var kept: KeptDocuments {
      var kept = KeptDocuments()
      for id in edited { kept.add(id.description) }
      return kept
    }
  }

  /// Returns the table with this name in the ledger.
  static func table(_ catalogueName: String, on connection: Connection) throws -> VectorTable {
    let names = try connection.query(
      """
      SELECT n.nspname::text, c.relname::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass(\(catalogueName))
      """)
    guard names.rowCount == 1 else {
      throw Failure(
        .database, "the table \(catalogueName) that the run wrote to does not exist any more",
        remedy: "restore the table, or migrate the store again")
    }
    let name = QualifiedName(
      schema: Identifier(try names.value(0, 0)), Identifier(try names.value(0, 1)))
    guard let table = try VectorTable.find(name, on: connection) else {
      throw Failure(.database, "the table \(catalogueName) does not exist any more")
    }
    return table
  }

  /// Compares every listed row with its fingerprint, in the open transaction.
  ///
  /// Throws where row-level security may hide rows, because hidden rows look like deleted rows.
  static func look(at recorded: RecordedStore, table: VectorTable, on connection: Connection)
    throws -> ListedRows
  {
    var listed = ListedRows()
    let adopted = try AdoptedRows(
      connection: connection, table: table, name: recorded.name, store: recorded.id
    ).ids()
    let rows = LedgerRows(connection: connection, table: table, name: recorded.name)
    try rows.forEach(ofStore: recorded.id) { row in
      listed.visible += 1
      guard let id = row.id else { return }
      if row.isEdited {
        listed.edited.append(id)
      } else if adopted.contains(id) {
        listed.adopted += 1
      }
    }
    guard !table.hasActiveRowSecurity || listed.visible == recorded.documents else {
      throw Failure(
        .database,
        "row-level security shows this role \(listed.visible) of \(recorded.documents) rows",
        remedy: "roll back as the table's owner or as a role with BYPASSRLS")
    }
    return listed
  }
}
