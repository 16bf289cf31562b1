internal import CCrypto

extension UUIDValue {
  /// Creates the name-based UUID of RFC 9562, version 5: SHA-1 over the namespace and the name.
  public init(namespace: UUIDValue, name: [UInt8]) throws(CryptoError) {
    let input = namespace.bytes + name
    var hash = [UInt8](repeating: 0, count: 20)
    let isHashed = input.withUnsafeBytes {
      EVP_Digest($0.baseAddress, $0.count, &hash, nil, EVP_sha1(), nil) == 1
    }
    hash[6] = hash[6] & 0x0F | 0x50
    hash[8] = hash[8] & 0x3F | 0x80
    guard isHashed, let identifier = UUIDValue(bytes: hash.prefix(16)) else {
      throw CryptoError(operation: "SHA-1")
    }
    self = identifier
  }
}
