internal import Ledger
package import Machine
package import Postgres

/// The earlier state of a store that a later migration replaced.
package struct Replacement: Sendable, Equatable {
  /// The run that wrote the earlier state.
  package let run: RunID
  package let sourceDigest: [UInt8]
  let settings: RecordedSettings
  package let documents: Int

  /// Returns the earlier state that a store of the ledger replaced; nil where there was none.
  package static func of(store: Int, on connection: Connection) throws -> Replacement? {
    let rows = try connection.query(
      """
      SELECT run_id, source_digest, settings, documents
      FROM vector_ferry.replacements WHERE store_id = \(store)
      """)
    guard rows.rowCount == 1 else { return nil }
    return Replacement(
      run: RunID(uuid: try rows.value(0, 0)),
      sourceDigest: try rows.value(0, 1, as: ByteString.self).bytes,
      settings: RecordedSettings(text: try rows.value(0, 2)), documents: try rows.value(0, 3))
  }
}

extension LedgerEntry {
  /// Records this entry as the state that a store has replaced.
  func remember(asReplacedBy store: Int, on connection: Connection) throws {
    try connection.query(
      StoreLoadQueries.noteReplacement(
        store: store, run: run.uuid, digest: ByteString(sourceDigest), settings: settings.text,
        documents: documents))
  }
}
