internal import Digests
internal import JSON
internal import Postgres
package import Stores

/// Computes fingerprints of documents as they are sent and as they come back.
package final class Fingerprinter {
  private let digester: DocumentDigester
  private let canonical: CanonicalJSON

  package init() throws {
    digester = try DocumentDigester()
    canonical = try CanonicalJSON()
  }

  /// The fingerprint of a document with the vector that is sent for it.
  package func fingerprint(_ document: Document, vector: UnsafeBufferPointer<Float>) throws
    -> DocumentDigest
  {
    let metadata = try canonical.digest(of: document.metadata)
    return try digester.digest(of: document, canonicalMetadata: metadata.bytes, vector: vector)
  }

  /// The fingerprint of a row in PostgreSQL's binary format; nil where it cannot be what was sent.
  ///
  /// - Parameters:
  ///   - metadata: `jsonb_send`'s form: version byte 1, then the text; nil for null.
  ///   - vector: `vector_send`'s form: dimension, zero, then the elements.
  package func fingerprint(
    id: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer?,
    createdAt: Int64?, vector: UnsafeRawBufferPointer
  ) throws -> DocumentDigest? {
    guard let id = UUIDValue(bytes: id), let metadata, metadata.first == 1, vector.count >= 4
    else { return nil }
    let json = UnsafeRawBufferPointer(rebasing: metadata.dropFirst())
    // What jsonb prints always parses; a text that does not is not what was sent.
    guard let digest = try? canonical.digest(of: json) else { return nil }
    return try digest.bytes.withUnsafeBytes { canonical in
      try digester.digest(
        id: id, text: text, canonicalMetadata: canonical, createdAt: createdAt,
        bigEndianVector: UnsafeRawBufferPointer(rebasing: vector.dropFirst(4)))
    }
  }
}
