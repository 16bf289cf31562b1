package import Machine
package import Postgres
package import Stores

/// A store as the ledger records it.
package struct RecordedStore: Sendable, Equatable {
  /// The row's id in `vector_ferry.stores`.
  package let id: Int
  package let name: StoreName
  /// The table that holds the store's documents, as the catalogue writes it.
  package let table: String
  package let run: RunID
  /// The path from which the store was read.
  let sourcePath: String
  /// The SHA-256 over the files that were read.
  package let sourceDigest: [UInt8]
  /// The settings with which the files were read and their vectors reduced.
  package let settings: RecordedSettings
  /// The number of documents that were written.
  package let documents: Int
  /// The length of the vectors before any reduction.
  package let sourceDimensions: Int
  /// The sum of the documents' fingerprints.
  package let contentDigest: [UInt8]
}

extension RecordedStore {
  /// Returns all stores of the ledger, or those of one table, ordered by name.
  package static func all(table: String? = nil, on connection: Connection) throws -> [RecordedStore]
  {
    let rows = try connection.query(
      "\(selection) WHERE \(table) IS NULL OR table_name = \(table)")
    let stores = try rows.map { (row) throws(PostgresError) in try RecordedStore(rows, row) }
    return stores.sorted { $0.name < $1.name }
  }

  /// Returns the store with this id in the ledger; nil where the ledger no longer lists it.
  package static func find(_ id: Int, on connection: Connection) throws -> RecordedStore? {
    let rows = try connection.query("\(selection) WHERE id = \(id)")
    return rows.rowCount == 1 ? try RecordedStore(rows, 0) : nil
  }

  private static var selection: SQL {
    """
    SELECT id, user_id, collection_name, table_name, run_id, source_path, source_digest,
           settings, documents, source_dimensions, content_digest
    FROM vector_ferry.stores
    """
  }

  private init(_ rows: QueryResult, _ row: Int) throws(PostgresError) {
    id = try rows.value(row, 0)
    name = StoreName(user: try rows.value(row, 1), collection: try rows.value(row, 2))
    table = try rows.value(row, 3)
    run = RunID(uuid: try rows.value(row, 4))
    sourcePath = try rows.value(row, 5)
    sourceDigest = try rows.value(row, 6, as: ByteString.self).bytes
    settings = RecordedSettings(text: try rows.value(row, 7))
    documents = try rows.value(row, 8)
    sourceDimensions = try rows.value(row, 9)
    contentDigest = try rows.value(row, 10, as: ByteString.self).bytes
  }
}
