internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores
internal import VectorMath

/// The ledger's entry for a store whose model is to be fitted again.
struct KnownStore {
  let id: Int
  let sourcePath: String
  let sourceDigest: [UInt8]
  let sourceDimensions: Int
  let settings: RecordedSettings
  let keepsOriginals: Bool
  let kind: Projection.Kind
  let recall: Double?

  /// Reads a store's entry; nil where the store was not migrated, or its vectors were not reduced.
  init?(_ name: StoreName, in table: VectorTable, on connection: Connection) throws {
    let row = try connection.query(
      RefitQueries.store(table: table.catalogueName, user: name.user, collection: name.collection))
    guard row.rowCount == 1, let kind = Projection.Kind(rawValue: try row.value(0, 6)) else {
      return nil
    }
    id = try row.value(0, 0)
    sourcePath = try row.value(0, 1)
    sourceDigest = try row.value(0, 2, as: ByteString.self).bytes
    sourceDimensions = try row.value(0, 3)
    settings = RecordedSettings(text: try row.value(0, 4))
    keepsOriginals = try row.value(0, 5)
    self.kind = kind
    recall = try row.optional(0, 7)
  }
}
