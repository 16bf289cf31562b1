internal import Digests
package import Machine
package import Postgres
package import Layouts
internal import OwnSchema
package import Stores

/// The ledger's entry for a store that an earlier run migrated.
package struct LedgerEntry: Sendable, Equatable {
  /// The row's id in `vector_ferry.stores`.
  package let id: Int
  /// The run that wrote the store.
  package let run: RunID
  /// The SHA-256 over the files that were read.
  package let sourceDigest: [UInt8]
  /// The settings with which the files were read and their vectors reduced.
  package let settings: RecordedSettings
  /// The dimension that the vectors had in the files.
  package let sourceDimensions: Int
  /// The number of documents that were written.
  package let documents: Int
  /// The number of written documents that are still in the table.
  package let present: Int
  /// The path of the store's files, as it was shown when they were read.
  package var sourcePath = ""

  /// True where all written documents are still in the table.
  package var isComplete: Bool { present == documents }

  /// Returns true where the entry is for files with this digest, read and reduced with these
  /// settings, and all of its rows are in the table.
  package func holds(_ digest: [UInt8], settings: RecordedSettings) -> Bool {
    isComplete && sourceDigest == digest && self.settings == settings
  }
}

/// Reads the table `vector_ferry.stores`: a store counts as migrated only where this table lists
/// it.
package struct LedgerReader {
  let connection: Connection
  let table: VectorTable

  package init(connection: Connection, table: VectorTable) {
    self.connection = connection
    self.table = table
  }

  /// Returns the entry of a store; nil where the store was not migrated.
  package func entry(for name: StoreName) throws -> LedgerEntry? {
    // Outside of transactions, queries that are sent together are one transaction.
    var answers = QueryAnswers(try connection.query(each: questions(about: name)))
    return try entry(from: &answers)
  }

  /// Returns the queries for the entry of a store, to be sent together in one transaction.
  package func questions(about name: StoreName) -> [SQL] {
    [
      RowSecurity.acting(for: name.user), Self.preferringHashJoins,
      EntryQueries.entry(
        rows: table.rows, table: table.catalogueName, user: name.user,
        collection: name.collection),
    ]
  }

  /// Forbids the server to use nested loops until the transaction ends.
  ///
  /// Rows that were copied a moment ago have no statistics yet, and a planner that expects one row
  /// would compare each row with every other.
  package func preferHashJoins() throws(PostgresError) {
    try connection.query(Self.preferringHashJoins)
  }

  private static let preferringHashJoins: SQL = "SELECT set_config('enable_nestloop', 'off', true)"

  /// Returns the run that wrote the listed rows of a store, even if the table no longer exists; nil
  /// where the ledger does not list the store.
  package static func writer(of name: StoreName, table: QualifiedName, on connection: Connection)
    throws
    -> RunID?
  {
    let run: UUIDValue? = try connection.scalar(
      """
      SELECT run_id FROM vector_ferry.stores
      WHERE table_name = format('%I.%I', \(table.schema?.name ?? "public"), \(table.name.name))
        AND user_id = \(name.user) AND collection_name = \(name.collection)
      """)
    return run.map(RunID.init(uuid:))
  }

  /// Reads the entry from the answers to `questions`; nil where the store was not migrated.
  package func entry(from answers: inout QueryAnswers) throws(PostgresError) -> LedgerEntry? {
    // The first two queries change settings.
    for _ in 0..<2 { _ = try answers.next() }
    let rows = try answers.next()
    guard rows.rowCount == 1 else { return nil }
    return LedgerEntry(
      id: try rows.value(0, 0), run: RunID(uuid: try rows.value(0, 1)),
      sourceDigest: try rows.value(0, 2, as: ByteString.self).bytes,
      settings: RecordedSettings(text: try rows.value(0, 3)),
      sourceDimensions: try rows.value(0, 4), documents: try rows.value(0, 5),
      present: try rows.value(0, 6), sourcePath: try rows.value(0, 7))
  }
}
