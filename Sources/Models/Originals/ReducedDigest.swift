internal import Digests

/// Computes the SHA-256 of a reduced vector as PostgreSQL's `vector_send` writes it.
///
/// An original belongs to a row only as long as the row's vector has the digest that was recorded
/// with the original.
package struct ReducedDigest {
  private let hash: SHA256
  private var encoding: [UInt8] = []

  package init() throws { hash = try SHA256() }

  /// Computes the digest of a vector that is sent.
  package mutating func digest(of vector: UnsafeBufferPointer<Float>) throws -> [UInt8] {
    encoding.removeAll(keepingCapacity: true)
    encoding.reserveCapacity(4 + 4 * vector.count)
    withUnsafeBytes(of: UInt16(truncatingIfNeeded: vector.count).bigEndian) { encoding += $0 }
    encoding += [0, 0]
    for number in vector {
      withUnsafeBytes(of: number.bitPattern.bigEndian) { encoding += $0 }
    }
    return try encoding.withUnsafeBytes { try digest(ofField: $0) }
  }

  /// Computes the digest of a vector from the bytes that were read back.
  package func digest(ofField field: UnsafeRawBufferPointer) throws -> [UInt8] {
    try hash.update(field)
    return try hash.finish().bytes
  }
}
