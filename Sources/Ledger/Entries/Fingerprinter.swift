internal import Digests
internal import JSON
package import Stores

/// Computes fingerprints of documents as they are sent and as they are read back.
package final class Fingerprinter {
  private let digester: DocumentDigester
  private let canonical: CanonicalJSON

  package init() throws {
    digester = try DocumentDigester()
    canonical = try CanonicalJSON()
  }

  /// Computes the fingerprint of a document with the vector that is sent for it.
  package func fingerprint(_ document: Document, vector: UnsafeBufferPointer<Float>) throws
    -> DocumentDigest
  {
    let metadata = try metadataDigest(of: document)
    return try digester.digest(of: document, canonicalMetadata: metadata.bytes, vector: vector)
  }

  /// Computes the fingerprint of a row in PostgreSQL's binary format; nil where the row cannot come
  /// from this program.
  ///
  /// - Parameters:
  ///   - metadata: `jsonb_send`'s form: version byte 1, then the text; nil for null.
  ///   - vector: `vector_send`'s form: dimension, zero, then the elements.
  package func fingerprint(
    id: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer?,
    createdAt: Int64?, vector: UnsafeRawBufferPointer
  ) throws -> DocumentDigest? {
    try fingerprint(
      id: id, text: text, metadata: metadataDigest(ofField: metadata), createdAt: createdAt,
      vector: vector)
  }

  /// Computes the fingerprint of a row whose metadata digest is already known.
  func fingerprint(
    id: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, metadata: SHA256.Digest?,
    createdAt: Int64?, vector: UnsafeRawBufferPointer
  ) throws -> DocumentDigest? {
    guard let id = UUIDValue(bytes: id), let metadata, vector.count >= 4 else { return nil }
    return try metadata.bytes.withUnsafeBytes { canonical in
      try digester.digest(
        id: id, text: text, canonicalMetadata: canonical, createdAt: createdAt,
        bigEndianVector: UnsafeRawBufferPointer(rebasing: vector.dropFirst(4)))
    }
  }

  /// Computes the digest of a document's metadata in canonical form.
  func metadataDigest(of document: Document) throws -> SHA256.Digest {
    try canonical.digest(of: document.metadata)
  }

  /// Computes the digest of a row's metadata in canonical form, from `jsonb_send`'s form; nil where
  /// the metadata cannot come from this program.
  func metadataDigest(ofField metadata: UnsafeRawBufferPointer?) -> SHA256.Digest? {
    guard let metadata, metadata.first == 1 else { return nil }
    // Text that jsonb prints can always be parsed; text that cannot be parsed is not what was sent.
    return try? canonical.digest(of: UnsafeRawBufferPointer(rebasing: metadata.dropFirst()))
  }
}
