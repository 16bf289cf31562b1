public import Digests

/// Computes the identities of one store's documents.
///
/// A document's `id` is a UUID of version 5 (RFC 9562): SHA-1 over ``namespace`` and four parts,
/// user, collection, source id and ordinal. Before each text comes its length in bytes, 64 bits.
/// Before a source id comes one byte 1; where the entry has none, one byte 0 takes its place. The
/// ordinal has 64 bits. Numbers are big-endian. So two different sets of parts never have the same
/// encoding.
public struct DocumentIdentity {
  /// The namespace of all documents: a constant that must never change.
  public static let namespace = "8f3d61c2-5b0e-4a97-9e24-d7a163f08c5b"

  private let namespace: UUIDValue
  /// The encoding of the user and the collection, with which the encoding of every document begins.
  private let prefix: [UInt8]
  private var encoding: [UInt8] = []

  /// Creates identities for a store.
  public init(of name: StoreName) {
    guard let namespace = UUIDValue(Self.namespace) else {
      preconditionFailure("the constant is a UUID")  // a programmer error
    }
    self.namespace = namespace
    var encoding: [UInt8] = []
    encoding.append(countAnd: name.user)
    encoding.append(countAnd: name.collection)
    prefix = encoding
  }

  /// Computes the identity of the `ordinal`th entry, counted from 0, with this source id.
  public mutating func id(sourceID: String?, ordinal: Int) throws(CryptoError) -> UUIDValue {
    encoding.removeAll(keepingCapacity: true)
    encoding += prefix
    if let sourceID {
      encoding.append(1)
      encoding.append(countAnd: sourceID)
    } else {
      encoding.append(0)
    }
    encoding.append(bigEndian: UInt64(ordinal))
    return try UUIDValue(namespace: namespace, name: encoding)
  }
}

/// Encodes values before they are hashed.
extension [UInt8] {
  /// Appends a number, its most significant byte first.
  mutating func append(bigEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }

  /// Appends the number of a text's bytes, 64 bits, and its UTF-8.
  mutating func append(countAnd text: String) {
    append(bigEndian: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  /// Appends the number of bytes, 64 bits, and the bytes.
  mutating func append(countAnd bytes: UnsafeRawBufferPointer) {
    append(bigEndian: UInt64(bytes.count))
    append(contentsOf: bytes)
  }
}
