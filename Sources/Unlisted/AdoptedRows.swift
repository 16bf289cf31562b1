package import Digests
package import Layouts
internal import Ledger
internal import OwnSchema
package import Postgres
package import Stores

/// The rows that a store of the ledger has adopted, and their earlier contents.
package struct AdoptedRows {
  let connection: Connection
  let table: VectorTable
  let name: StoreName
  /// The store's id in the ledger.
  let store: Int

  /// Selects the adopted rows of a store by the store's id in the ledger.
  package init(connection: Connection, table: VectorTable, name: StoreName, store: Int) {
    self.connection = connection
    self.table = table
    self.name = name
    self.store = store
  }

  /// The adopted rows that a function works on: listed or unlisted ones.
  package enum Which {
    /// The adopted rows that the ledger lists as documents.
    case listed
    /// The adopted rows that the ledger no longer lists, because the store no longer has their
    /// documents.
    case unlisted
  }

  /// Returns the ids of all adopted rows.
  package func ids() throws -> Set<UUIDValue> {
    var ids: Set<UUIDValue> = []
    try connection.copyOut(
      """
      SELECT document_id FROM vector_ferry.adoptions WHERE store_id = \(number: store)
      """
    ) { row in
      if let id = UUIDValue(bytes: try row.required()) { ids.insert(id) }
    }
    return ids
  }

  /// Returns the ids of all adopted rows; the keys are the ids that their documents would have
  /// without the adoption.
  package func byOwnID() throws -> [UUIDValue: UUIDValue] {
    var rows: [UUIDValue: UUIDValue] = [:]
    try connection.copyOut(
      """
      SELECT own_id, document_id FROM vector_ferry.adoptions WHERE store_id = \(number: store)
      """
    ) { row in
      guard let own = UUIDValue(bytes: try row.required()) else { return }
      rows[own] = UUIDValue(bytes: try row.required())
    }
    return rows
  }

  /// Records the present contents of rows that were adopted unchanged, before their vectors change.
  package func remember() throws {
    try connection.query(AdoptionQueries.remember(rows: table.rows, store: store, ownRows: ownRows))
  }

  /// Restores rows to the contents that they had before they were adopted, bit for bit; returns the
  /// number of these rows, with those that were adopted unchanged.
  ///
  /// Edited rows stay as they are. The records of these adoptions are deleted, also for edited
  /// rows.
  ///
  /// - Parameter unlist: called at the end, when the temporary table `vector_ferry_put_back`
  ///   contains the ids of the restored rows.
  package func putBack(
    _ which: Which, leaving edited: [UUIDValue], unlist: () throws -> Void = {}
  ) throws -> Int {
    let listed: SQL = """
      EXISTS (SELECT FROM vector_ferry.documents d
              WHERE d.store_id = a.store_id AND d.document_id = a.document_id)
      """
    let wanted: SQL = which == .listed ? listed : "NOT \(listed)"
    try connection.query(
      """
      CREATE TEMPORARY TABLE IF NOT EXISTS vector_ferry_put_back (id uuid, changes boolean)
      ON COMMIT DROP
      """)
    try connection.query("TRUNCATE pg_temp.vector_ferry_put_back")
    try connection.query(
      AdoptionQueries.choosePutBack(
        rows: table.rows, ownRows: ownRows, store: store, wanted: wanted, edited: edited.array))
    try checkDimensions(which)
    let expected: Int? = try connection.scalar(
      "SELECT count(*) FROM pg_temp.vector_ferry_put_back WHERE changes")
    let isPutBack = { (row: DocumentColumns) -> SQL in
      AdoptionQueries.isPutBack(store: store, key: row.key, isOfStore: row.isOf(name))
    }
    let scope = isPutBack(table.row)
    let changed = try connection.asApplication {
      try connection.query(
        AdoptionQueries.putBack(
          table: table.name, vector: table.layout.vector, metadata: table.layout.metadata,
          time: table.layout.time, isPutBack: scope)
      ).affectedRows
    }
    try connection.asApplication {
      try connection.query(
        """
        UPDATE \(table.name) t SET \(table.layout.text) = a.text FROM vector_ferry.adoptions a
        WHERE \(scope) AND pg_catalog.convert_to(a.text, 'UTF8')
          OPERATOR(pg_catalog.<>) pg_catalog.convert_to(\(table.row.text), 'UTF8')
        """)
    }
    try connection.fireDeferred()
    guard changed == expected, try different(isPutBack(.shared)) == 0 else {
      throw Failure(
        .database,
        "\(expected ?? 0) rows should have been restored, but the server changed \(changed), or "
          + "changed them differently",
        remedy:
          "nothing of this store was changed; look for triggers, rules or policies on the table")
    }
    let rows = try forget(wanted)
    try unlist()
    return rows
  }

  /// Checks that the earlier vectors have the column's dimension.
  ///
  /// Throws where a listed row has an earlier vector of another dimension. An unlisted row with
  /// such a vector is not restored: it keeps its present vector, like a row that the application
  /// added.
  private func checkDimensions(_ which: Which) throws {
    let vector = try FerrySchema.vectorSchema(on: connection)
    let dims = QualifiedName(schema: vector, "vector_dims")
    let misfits: SQL = """
      vector_ferry.adoptions a
      WHERE a.store_id = \(store) AND \(dims)(a.embedding) <> \(table.dimensions)
        AND a.document_id IN (SELECT id FROM pg_temp.vector_ferry_put_back WHERE changes)
      """
    if which == .unlisted {
      try connection.query(
        """
        DELETE FROM pg_temp.vector_ferry_put_back
        WHERE id IN (SELECT a.document_id FROM \(misfits))
        """)
    }
    let found = try connection.query(
      "SELECT min(\(dims)(a.embedding))::int8, count(*) FROM \(misfits)")
    let rows: Int = try found.value(0, 1)
    guard rows > 0 else { return }
    let dimensions: Int = try found.value(0, 0)
    throw Failure(
      .database,
      "\(rows) rows that were taken over had vectors of \(dimensions) dimensions, but the column "
        + "now takes \(table.dimensions), so that these rows cannot be restored",
      remedy: "undo the change of dimensions first: vector-ferry dimensions undo")
  }

  /// Counts the rows that do not have their earlier contents, by comparing them in the database.
  private func different(_ scope: SQL) throws -> Int {
    let vector = try FerrySchema.vectorSchema(on: connection)
    let send = QualifiedName(schema: vector, "vector_send")
    return try connection.scalar(
      AdoptionQueries.different(rows: table.rows, isPutBack: scope, send: send)) ?? 0
  }

  private func forget(_ wanted: SQL) throws -> Int {
    let rows: Int? = try connection.scalar("SELECT count(*) FROM pg_temp.vector_ferry_put_back")
    try connection.query(
      "DELETE FROM vector_ferry.adoptions a WHERE a.store_id = \(store) AND \(wanted)")
    return rows ?? 0
  }

  private var ownRows: SQL { UnlistedScope(table: table, name: name, schemaVersion: 0).ownRows }
}

/// The rows that stay as they are in a store's collection: the ledger does not list them as
/// documents, and the model of their vectors is unknown.
package struct AlongsideRows {
  let connection: Connection
  /// The store's id in the ledger.
  let store: Int

  /// Selects the rows that stay as they are in a store's collection, by the store's id in the
  /// ledger.
  package init(connection: Connection, store: Int) {
    self.connection = connection
    self.store = store
  }

  /// Records the rows that stay in the store's collection, in place of the rows that were recorded
  /// before.
  package func record(_ rows: [UnlistedSurvey.Row]) throws {
    try connection.query("DELETE FROM vector_ferry.alongside WHERE store_id = \(store)")
    if !rows.isEmpty { try add(rows.lazy.map(\.id)) }
  }

  private func add(_ ids: some Sequence<UUIDValue>) throws {
    try connection.copyIn(
      QualifiedName(schema: FerrySchema.name, "alongside"), columns: ["store_id", "document_id"]
    ) { writer in
      for id in ids {
        try writer.beginRow()
        writer.int64(Int64(store))
        writer.bytes(id.bytes)
      }
    }
  }

  /// Records that rows stay in the store's collection that were just restored to their earlier
  /// contents.
  package func addPutBack() throws {
    try connection.query(
      """
      INSERT INTO vector_ferry.alongside (store_id, document_id)
      SELECT \(store), id FROM pg_temp.vector_ferry_put_back ON CONFLICT DO NOTHING
      """)
  }

  /// Deletes the records of rows that the ledger now lists as documents.
  package func forgetListed() throws {
    try connection.query(
      """
      DELETE FROM vector_ferry.alongside b USING vector_ferry.documents d
      WHERE b.store_id = \(store) AND d.store_id = b.store_id AND d.document_id = b.document_id
      """)
  }

  /// Counts the recorded rows that are in the table.
  package func count(in table: VectorTable, name: StoreName) throws(PostgresError) -> Int {
    let scope = UnlistedScope(table: table, name: name, schemaVersion: 0)
    return try connection.scalar(
      """
      SELECT count(*) FROM vector_ferry.alongside b JOIN \(table.rows) t ON t.id = b.document_id
      WHERE b.store_id = \(store) AND \(scope.ownRows)
      """) ?? 0
  }
}
