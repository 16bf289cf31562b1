internal import Digests
internal import Ledger
internal import Models
internal import Stores

/// Consecutive documents of a store, with all the work done that needs no database.
struct PreparedBatch {
  /// The documents and their vectors as they were read.
  let batch: DocumentBatch
  /// The vectors for the table, row after row.
  let rows: [Float]
  /// The documents' fingerprints with these vectors; nil where the documents' ids may still change.
  let fingerprints: [DocumentDigest]?

  /// The length of each vector for the table.
  var width: Int { batch.count == 0 ? 0 : rows.count / batch.count }

  /// Reads, reduces, measures and fingerprints the next documents of a store; returns nil after the
  /// last document.
  ///
  /// - Parameters:
  ///   - measurement: nil where there is no model, or where the model was measured before.
  ///   - fingerprinter: nil where the ids of documents may still change.
  static func next(
    of reader: StoreReader, _ reducer: inout Reducer, measurement: LoadMeasurement?,
    _ fingerprinter: Fingerprinter?
  ) throws -> PreparedBatch? {
    var batch = DocumentBatch()
    guard try reader.next(&batch, limit: BatchSize.documents) else { return nil }
    let rows = try reducer.reducedRows(
      batch.vectors, from: batch.documents.first?.position ?? 0, count: batch.count)
    try measurement?.add(batch.vectors, reduced: rows, count: batch.count)
    let width = batch.count == 0 ? 0 : rows.count / batch.count
    let fingerprints = try fingerprinter.map { fingerprinter in
      try rows.withUnsafeBufferPointer { rows in
        try batch.documents.enumerated().map { index, document in
          try fingerprinter.fingerprint(
            document,
            vector: UnsafeBufferPointer(rebasing: rows[index * width..<(index + 1) * width]))
        }
      }
    }
    return PreparedBatch(batch: batch, rows: rows, fingerprints: fingerprints)
  }
}
