/// Makes the identities of one store's documents.
///
/// A document's `id` is a UUID of version 5 (RFC 9562): SHA-1 over ``namespace`` and four parts,
/// user, collection, source id and ordinal. Each text is preceded by its length in bytes as 64
/// big-endian bits, a missing source id is one byte 0 and any other one byte 1 before its text,
/// and the ordinal is 64 big-endian bits. So no two sets of parts have the same encoding.
public final class DocumentIdentity {
  /// The namespace of all documents, a constant that must never change.
  public static let namespace = UUIDValue(
    high: 0x8F3D_61C2_5B0E_4A97, low: 0x9E24_D7A1_63F0_8C5B)

  private let name: StoreName
  private let hash: HashFunction

  /// Makes identities for a store.
  public init(of name: StoreName) throws(StoreError) {
    self.name = name
    hash = try HashFunction("SHA1")
  }

  /// The identity of the entry that is the `ordinal`th, from 0, to have this source id.
  public func id(sourceID: String?, ordinal: Int) throws(StoreError) -> UUIDValue {
    hash.begin()
    hash.add(Self.namespace.high)
    hash.add(Self.namespace.low)
    hash.add(countAnd: name.user)
    hash.add(countAnd: name.collection)
    hash.add(sourceID == nil ? UInt8(0) : UInt8(1))
    if let sourceID { hash.add(countAnd: sourceID) }
    hash.add(UInt64(ordinal))
    let digest = try hash.finish()
    return UUIDValue(
      high: digest.high & ~0xF000 | 0x5000, low: digest.low & ~(3 << 62) | 2 << 62)
  }
}
