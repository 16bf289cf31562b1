/// What a stored document is, in sixteen bytes: the same for the row sent and the row read back.
///
/// The first half of SHA-256 over, in this order, all numbers big-endian:
///
/// 1. the id, 16 bytes;
/// 2. the text's length in bytes, 64 bits, and its UTF-8;
/// 3. the canonical metadata's length in bytes, 64 bits, and its UTF-8;
/// 4. one byte 1 and `created_at` in microseconds since 2000-01-01 00:00 UTC, 64 bits, or one
///    byte 0 where it is null;
/// 5. the number of dimensions, 64 bits, and each one's Float32 bits.
public struct DocumentDigest: Hashable, Sendable {
  /// The first eight bytes, big-endian.
  public let high: UInt64
  /// The last eight bytes, big-endian.
  public let low: UInt64

  /// A digest from its halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The sixteen bytes in order.
  public var bytes: [UInt8] { UUIDValue(high: high, low: low).bytes }
}

extension DocumentDigest: CustomStringConvertible {
  /// Thirty-two lower-case hexadecimal digits.
  public var description: String {
    UUIDValue(high: high, low: low).description.filter { $0 != "-" }
  }
}

/// Computes the digests of documents, one after the other.
public final class DocumentDigester {
  private let hash: HashFunction
  private var bits: [UInt32] = []

  /// A digester; not to be shared between threads.
  public init() throws(StoreError) { hash = try HashFunction("SHA256") }

  /// The digest of a row as it is read back, its vector in PostgreSQL's binary byte order.
  ///
  /// - Parameters:
  ///   - text: the text's UTF-8.
  ///   - canonicalMetadata: the metadata in its canonical form, not as it was sent.
  ///   - createdAt: microseconds since 2000-01-01 00:00 UTC.
  ///   - bigEndianVector: four bytes for each dimension.
  public func digest(
    id: UUIDValue, text: UnsafeRawBufferPointer, canonicalMetadata: UnsafeRawBufferPointer,
    createdAt: Int64?, bigEndianVector: UnsafeRawBufferPointer
  ) throws(StoreError) -> DocumentDigest {
    begin(id)
    hash.add(countAnd: text)
    hash.add(countAnd: canonicalMetadata)
    add(createdAt)
    add(vector: bigEndianVector)
    return try finish()
  }

  /// The digest of a document as it is sent, with the vector that is stored, after any reduction.
  public func digest(
    of document: Document, canonicalMetadata: [UInt8], vector: UnsafeBufferPointer<Float>
  ) throws(StoreError) -> DocumentDigest {
    begin(document.id)
    hash.add(countAnd: document.text)
    canonicalMetadata.withUnsafeBytes { hash.add(countAnd: $0) }
    add(document.createdAt)
    // One exchange of bytes and one call, instead of one call for each number.
    bits.removeAll(keepingCapacity: true)
    bits.append(contentsOf: vector.lazy.map(\.bitPattern.bigEndian))
    bits.withUnsafeBytes { add(vector: $0) }
    return try finish()
  }

  private func begin(_ id: UUIDValue) {
    hash.begin()
    hash.add(id.high)
    hash.add(id.low)
  }

  private func add(_ createdAt: Int64?) {
    hash.add(createdAt == nil ? UInt8(0) : UInt8(1))
    if let createdAt { hash.add(createdAt) }
  }

  private func add(vector: UnsafeRawBufferPointer) {
    hash.add(UInt64(vector.count / MemoryLayout<Float>.size))
    hash.add(vector)
  }

  private func finish() throws(StoreError) -> DocumentDigest {
    let digest = try hash.finish()
    return DocumentDigest(high: digest.high, low: digest.low)
  }
}
