internal import Ledger
package import Digests
internal import Postgres
internal import OwnSchema
internal import Stores
package import Unlisted

extension StoreLoad {
  /// The rows of a store's collection that the load of the store does not write itself.
  package struct RowsBeside {
    /// The rows that hold documents under other ids than the documents' own; nil where there are
    /// none.
    package var adoption: Adoption?
    /// The rows that stay as they are and are recorded in the ledger; nil where this run does not
    /// record them.
    package var alongside: [UnlistedSurvey.Row]?
    /// The rows that were adopted earlier and have been edited since.
    var edited: [UUIDValue] = []
    /// The rows that hold documents and were edited in the database, and so stay as they are.
    package var kept: Set<UUIDValue> = []
    /// True where the operator wants rows to be adopted.
    var adopts = false

    /// Creates the description of a collection whose rows are all written by the load.
    package init() {}
  }

  /// Finds rows that the ledger does not list; pairs them with documents where the operator wants
  /// to adopt them, and throws where the operator has chosen nothing.
  ///
  /// Must run in the store's own transaction, after the rows of an earlier run are collected and
  /// before any of these is deleted: the decisions are made for the rows that exist at the commit.
  func findRowsBeside(_ reader: StoreReader, previous: LedgerEntry?, state: CollectionState) throws
    -> RowsBeside
  {
    var beside = RowsBeside()
    var rows: [UnlistedSurvey.Row] = []
    if unlisted != nil, state.rows == 0 {
      beside.alongside = []
    } else if let choice = unlisted {
      var survey = try UnlistedSurvey(
        of: planned.name, in: table, schemaVersion: FerrySchema.currentVersion, on: connection)
      let found = try survey.compare(
        with: reader, choice: choice, isInterrupted: isInterrupted)
      if let refusal = found.refusal { throw refusal }
      rows = survey.rows
      if !found.isKnown { beside.alongside = rows }
      beside.adopts = choice == .adopt && !rows.isEmpty
    }
    let adopted = previous.map {
      AdoptedRows(connection: connection, table: table, name: planned.name, store: $0.id)
    }
    let earlier = try adopted?.ids() ?? []
    guard beside.adopts || !earlier.isEmpty else { return beside }
    let adoption = try Adoption(connection: connection, table: table, name: planned.name)
    if let previous, !earlier.isEmpty {
      try adoption.forgetGone(ofStore: previous.id)
      try adoption.addEarlier(fromStore: previous.id)
      _ = try adoption.follow(reader, store: previous.id, isInterrupted: isInterrupted)
      if force {
        try readBack(previous.id) { row in
          if row.isEdited, let id = row.id, earlier.contains(id) { beside.edited.append(id) }
        }
      }
    }
    if beside.adopts {
      try adoption.pair(
        reader, with: rows, store: previous?.id, isInterrupted: isInterrupted)
    }
    beside.adoption = adoption
    return beside
  }

  /// Records in the ledger what was done with the rows of the collection that the load does not
  /// write itself; called after all documents are written.
  ///
  /// - Parameter isNew: true where the ledger did not list the store before.
  func settle(_ beside: RowsBeside, store: Int, isNew: Bool, report: inout AdoptionReport) throws {
    // A store that is new to the ledger has no records of such rows yet.
    if isNew, beside.adoption == nil, beside.alongside?.isEmpty ?? true { return }
    let alongside = AlongsideRows(connection: connection, store: store)
    if let rows = beside.alongside { try alongside.record(rows) }
    try alongside.forgetListed()
    if let adoption = beside.adoption {
      try adoption.keep(store: store, run: run)
      report.released = try AdoptedRows(
        connection: connection, table: table, name: planned.name, store: store
      ).putBack(.unlisted, leaving: beside.edited)
      try alongside.addPutBack()
      if beside.adopts { report.rows += try adoption.leftOver(ofStore: store) }
    }
    report.alongside = try alongside.count(in: table, name: planned.name)
  }
}
