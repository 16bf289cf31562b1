internal import Digests
internal import Postgres
package import Stores

/// Compares documents of the files with rows of the table, one pair at a time.
package final class DocumentComparison {
  private let fingerprinter: Fingerprinter
  /// True where the vectors were computed by a model, so that another processor may have rounded
  /// them differently.
  private let allowsRounding: Bool
  package private(set) var exactVectors = 0
  package private(set) var roundedVectors = 0
  /// The number of vectors that are equal to those computed from the files' numbers in half
  /// precision, and not to those from the numbers themselves.
  package private(set) var halvedVectors = 0
  private var stored: [Float] = []

  /// The share of a vector's length by which each number of a computed vector may differ.
  static let tolerance: Float = 1e-5

  package init(allowsRounding: Bool) throws {
    self.allowsRounding = allowsRounding
    fingerprinter = try Fingerprinter()
  }

  /// A row's values in PostgreSQL's binary format, valid only while the row is read.
  package struct Row {
    let id: UnsafeRawBufferPointer
    /// The row's fingerprint in the ledger; nil where the ledger does not list the row.
    let recorded: DocumentDigest?
    let hasTimestamp: Bool
    let text: UnsafeRawBufferPointer
    let metadata: UnsafeRawBufferPointer?
    let createdAt: Int64?
    let vector: UnsafeRawBufferPointer

    package init(
      id: UnsafeRawBufferPointer, recorded: DocumentDigest?, hasTimestamp: Bool,
      text: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer?, createdAt: Int64?,
      vector: UnsafeRawBufferPointer
    ) {
      self.id = id
      self.recorded = recorded
      self.hasTimestamp = hasTimestamp
      self.text = text
      self.metadata = metadata
      self.createdAt = createdAt
      self.vector = vector
    }
  }

  /// Compares a document with its row; returns the difference, or nil where there is none.
  ///
  /// - Parameters:
  ///   - vector: the document's vector after any reduction; nil where it is not known: then the
  ///     row's vector is compared only by the fingerprint in the ledger.
  ///   - halved: computes the row's vector for the case that it was made from an original in half
  ///     precision; returns nil where this is not possible.
  package func difference(
    _ document: Document, vector: UnsafeBufferPointer<Float>?, _ row: Row,
    halved: () throws -> ArraySlice<Float>? = { nil }
  ) throws -> DocumentDifference? {
    let metadata = fingerprinter.metadataDigest(ofField: row.metadata)
    var parts = try differingParts(document, vector, row, metadata: metadata)
    if let place = parts.firstIndex(of: .vector), let halved = try halved(),
      halved.withUnsafeBufferPointer({ closeness(of: $0, row.vector) }) != nil
    {
      halvedVectors += 1
      parts.remove(at: place)
    }
    let fingerprint = try fingerprinter.fingerprint(
      id: row.id, text: row.text, metadata: metadata,
      createdAt: row.hasTimestamp ? row.createdAt : nil, vector: row.vector)
    let kind: DocumentDifference.Kind
    var isWithinRounding = false
    if let recorded = row.recorded {
      let isAsWritten = fingerprint == recorded
      if parts.isEmpty, isAsWritten { return nil }
      kind = isAsWritten ? .changed : .edited
      if parts.isEmpty {
        // The fingerprint covers nothing else that the files have.
        parts = [.vector]
        isWithinRounding = vector != nil
      }
    } else {
      kind = parts.isEmpty ? .unlisted : .edited
    }
    return DocumentDifference(
      kind: kind, id: document.id.description, position: document.position, parts: parts,
      isWithinRounding: isWithinRounding)
  }

  /// Returns the parts of a row that differ from the document.
  package func differingParts(
    _ document: Document, _ vector: UnsafeBufferPointer<Float>, _ row: Row
  ) throws -> [DocumentDifference.Part] {
    try differingParts(
      document, vector, row, metadata: fingerprinter.metadataDigest(ofField: row.metadata))
  }

  /// Returns the parts of a row that differ from the document.
  ///
  /// - Parameter metadata: the digest of the row's metadata; nil where the metadata cannot come
  ///   from a document.
  private func differingParts(
    _ document: Document, _ vector: UnsafeBufferPointer<Float>?, _ row: Row,
    metadata: SHA256.Digest?
  ) throws -> [DocumentDifference.Part] {
    var parts: [DocumentDifference.Part] = []
    if !document.text.utf8.elementsEqual(row.text) { parts.append(.text) }
    if try metadata != fingerprinter.metadataDigest(of: document) { parts.append(.metadata) }
    if let vector, !hasSameVector(vector, row.vector) { parts.append(.vector) }
    // A document without a time stamp of its own got the time of its run.
    if let createdAt = document.createdAt, createdAt != row.createdAt { parts.append(.createdAt) }
    return parts
  }

  private func hasSameVector(
    _ expected: UnsafeBufferPointer<Float>, _ bytes: UnsafeRawBufferPointer
  ) -> Bool {
    switch closeness(of: expected, bytes) {
    case .exact: exactVectors += 1
    case .rounded: roundedVectors += 1
    case nil: return false
    }
    return true
  }

  private enum Closeness { case exact, rounded }

  /// Compares the expected vector with a row's vector; returns nil where they differ by more than
  /// rounding.
  private func closeness(
    of expected: UnsafeBufferPointer<Float>, _ bytes: UnsafeRawBufferPointer
  ) -> Closeness? {
    stored.removeAll(keepingCapacity: true)
    guard let count = try? bytes.appendVector(to: &stored), count == expected.count else {
      return nil
    }
    if zip(expected, stored).allSatisfy({ $0.bitPattern == $1.bitPattern }) { return .exact }
    guard allowsRounding else { return nil }
    let length = expected.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    let limit = Self.tolerance * max(length, Float.leastNormalMagnitude)
    return zip(expected, stored).allSatisfy { abs($0 - $1) <= limit } ? .rounded : nil
  }
}
