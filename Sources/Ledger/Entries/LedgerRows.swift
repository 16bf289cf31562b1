package import Digests
package import Postgres
package import Layouts
package import Stores

/// The rows that the ledger lists for a store, each as it is now in the table.
package struct LedgerRows {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  package init(connection: Connection, table: VectorTable, name: StoreName) {
    self.connection = connection
    self.table = table
    self.name = name
  }

  /// A row of the table together with its fingerprint in the ledger.
  package struct Row {
    package let id: UUIDValue?
    let recorded: DocumentDigest?
    /// The row's present fingerprint; nil where the row cannot come from this program.
    package let fingerprint: DocumentDigest?

    /// The row's id as text for messages.
    package var name: String { id?.description ?? "?" }

    /// True where the row was changed after it was written.
    package var isEdited: Bool { fingerprint == nil || fingerprint != recorded }
  }

  /// Calls `body` with each row that is still in the table; deleted rows are left out.
  package func forEach(ofStore store: Int, _ body: (Row) throws -> Void) throws {
    let fingerprinter = try Fingerprinter()
    let user = Literal(name.user)
    let collection = Literal(name.collection)
    let query = EntryQueries.rows(
      rows: table.rows, store: store, user: user, collection: collection)
    try connection.copyOut(query) { row in
      let id = try row.required()
      let recorded = DocumentDigest(bytes: try row.required())
      let hasTimestamp = try row.required().first == 1
      let text = try row.next()
      let metadata = try row.next()
      let createdAt = try row.next()?.int64()
      // A null that replaced a value is a change like any other.
      let vector = try row.next()
      var fingerprint: DocumentDigest?
      if let text, let vector {
        fingerprint = try fingerprinter.fingerprint(
          id: id, text: text, metadata: metadata, createdAt: hasTimestamp ? createdAt : nil,
          vector: vector)
      }
      try body(Row(id: UUIDValue(bytes: id), recorded: recorded, fingerprint: fingerprint))
    }
  }
}
