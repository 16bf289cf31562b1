internal import Ledger
internal import Digests
internal import Postgres
internal import OwnSchema
internal import Stores

extension StoreLoad {
  /// What stands in a store's collection beside the rows that it writes itself.
  struct RowsBeside {
    /// The rows that documents stand in, other than their own; nil where there are none.
    var adoption: Adoption?
    /// Rows that stay as they are, to be named in the ledger; nil where that is not for this run.
    var alongside: [UnlistedSurvey.Row]?
    /// Rows that were taken over earlier and that somebody has edited since.
    var edited: [UUIDValue] = []
    /// Rows that documents stand in and that stay as somebody has left them.
    var kept: Set<UUIDValue> = []
    /// The operator wants rows to be taken over.
    var adopts = false
  }

  /// Looks for rows that no ledger lists; stops the store where nothing was said about them, and
  /// pairs them with documents where they are to be taken over.
  ///
  /// It comes after the rows of an earlier run are noted and before any is removed, in the store's
  /// own transaction: what is decided here is decided of the rows that are there at the commit.
  func lookBeside(_ reader: StoreReader, previous: LedgerEntry?) throws -> RowsBeside {
    var beside = RowsBeside()
    var rows: [UnlistedSurvey.Row] = []
    if let choice = unlisted {
      try RowSecurity.act(for: planned.name.user, on: connection)
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
      try adoption.carry(fromStore: previous.id)
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

  /// Brings the ledger up to what has become of such rows, once all documents are written.
  func settle(_ beside: RowsBeside, store: Int, report: inout AdoptionReport) throws {
    let alongside = AlongsideRows(connection: connection, store: store)
    if let rows = beside.alongside { try alongside.name(rows) }
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
