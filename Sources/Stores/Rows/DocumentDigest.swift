public import Digests
internal import JSON

/// The digest of a document in sixteen bytes: the same for the row sent and the row read back.
///
/// The digest is the first half of the SHA-256 of these bytes, in this order; all numbers are
/// big-endian:
///
/// 1. the id, 16 bytes;
/// 2. the text's length in bytes, 64 bits, and the text in UTF-8;
/// 3. the length in bytes, 64 bits, and the bytes of the metadata's digest. ``CanonicalJSON``
///    computes this digest, of 32 bytes; it is the same for the JSON that is sent and for the JSON
///    that `jsonb` prints. Metadata that are null have no digest: the length is 0;
/// 4. one byte 1 and `created_at` in microseconds since 2000-01-01 00:00 UTC, 64 bits, or one
///    byte 0 where it is null;
/// 5. the number of dimensions, 64 bits, and the Float32 bits of each number.
public struct DocumentDigest: Hashable, Sendable {
  /// The first eight bytes, as a number.
  public let high: UInt64
  /// The last eight bytes, as a number.
  public let low: UInt64

  /// Creates a digest from its halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Creates the digest with these bytes; nil where there are not exactly sixteen bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The sixteen bytes in order.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: high)
    bytes.append(bigEndian: low)
    return bytes
  }
}

extension DocumentDigest: CustomStringConvertible {
  /// The digest as thirty-two lower-case hexadecimal digits.
  public var description: String { Hexadecimal.encode(bytes) }
}

/// Computes the digests of documents, one after the other; must not be shared between tasks.
public final class DocumentDigester {
  private let hash: SHA256
  /// The bytes to hash, collected first because one call of the hash function is faster than
  /// several.
  private var encoding: [UInt8] = []

  /// Creates a digester for any number of documents.
  public init() throws(CryptoError) { hash = try SHA256() }

  /// Computes the digest of a document as it is sent.
  ///
  /// - Parameters:
  ///   - canonicalMetadata: the digest of the document's metadata, by ``CanonicalJSON``.
  ///   - vector: the vector that is stored, after any reduction.
  public func digest(
    of document: Document, canonicalMetadata: [UInt8], vector: UnsafeBufferPointer<Float>
  ) throws(CryptoError) -> DocumentDigest {
    begin(document.id)
    encoding.append(countAnd: document.text)
    canonicalMetadata.withUnsafeBytes { encoding.append(countAnd: $0) }
    append(document.createdAt)
    encoding.append(bigEndian: UInt64(vector.count))
    append(vector)
    return try finish()
  }

  /// Computes the digest of a row as it is read back.
  ///
  /// - Parameters:
  ///   - text: the text's UTF-8.
  ///   - canonicalMetadata: the digest of the metadata, by ``CanonicalJSON``; empty where the
  ///     metadata are null.
  ///   - createdAt: microseconds since 2000-01-01 00:00 UTC.
  ///   - bigEndianVector: the Float32 numbers in PostgreSQL's binary format.
  public func digest(
    id: UUIDValue, text: UnsafeRawBufferPointer, canonicalMetadata: UnsafeRawBufferPointer,
    createdAt: Int64?, bigEndianVector: UnsafeRawBufferPointer
  ) throws(CryptoError) -> DocumentDigest {
    begin(id)
    encoding.append(countAnd: text)
    encoding.append(countAnd: canonicalMetadata)
    append(createdAt)
    encoding.append(bigEndian: UInt64(bigEndianVector.count / MemoryLayout<Float>.size))
    encoding.append(contentsOf: bigEndianVector)
    return try finish()
  }

  private func begin(_ id: UUIDValue) {
    encoding.removeAll(keepingCapacity: true)
    encoding += id.bytes
  }

  private func append(_ createdAt: Int64?) {
    encoding.append(createdAt == nil ? 0 : 1)
    if let createdAt { encoding.append(bigEndian: createdAt) }
  }

  private func append(_ vector: UnsafeBufferPointer<Float>) {
    let start = encoding.count
    encoding.append(contentsOf: repeatElement(0, count: vector.count * MemoryLayout<Float>.size))
    encoding.withUnsafeMutableBytes { bytes in
      for (index, number) in vector.enumerated() {
        bytes.storeBytes(
          of: number.bitPattern.bigEndian, toByteOffset: start + index * MemoryLayout<Float>.size,
          as: UInt32.self)
      }
    }
  }

  private func finish() throws(CryptoError) -> DocumentDigest {
    guard let digest = DocumentDigest(bytes: try hash.digest(encoding).bytes.prefix(16)) else {
      preconditionFailure("a prefix of sixteen bytes")  // a programmer error
    }
    return digest
  }
}

extension SHA256 {
  /// Computes the digest of bytes with a new hasher.
  fileprivate func digest(_ bytes: [UInt8]) throws(CryptoError) -> Digest {
    try update(bytes)
    return try finish()
  }
}
