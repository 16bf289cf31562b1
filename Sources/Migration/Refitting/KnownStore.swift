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

  /// Reads a store's entry; nil where it was not migrated, or not reduced.
  init?(_ name: StoreName, in table: VectorTable, on connection: Connection) throws {
    let row = try connection.query(
      """
      SELECT s.id, s.source_path, s.source_digest, s.source_dimensions, s.settings,
             s.keeps_original, p.kind, s.recall
      FROM vector_ferry.stores s JOIN vector_ferry.projections p ON p.id = s.projection_id
      WHERE s.table_name = \(table.catalogueName)
        AND s.user_id = \(name.user) AND s.collection_name = \(name.collection)
      """)
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
