internal import CCrypto
internal import Digests

/// Computes HMAC-SHA256 over bytes as they arrive (RFC 2104).
final class MessageAuthenticator {
  private let context: OpaquePointer

  init(key: UnsafeRawBufferPointer) throws(CryptoError) {
    guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
      throw CryptoError(operation: "HMAC-SHA256")
    }
    defer { EVP_MAC_free(algorithm) }
    guard let context = EVP_MAC_CTX_new(algorithm) else {
      throw CryptoError(operation: "HMAC-SHA256")
    }
    self.context = context
    var hash: [CChar] = Array("SHA256\0".utf8CString.dropLast())
    let isReady = hash.withUnsafeMutableBufferPointer { hash in
      let parameters = [
        OSSL_PARAM_construct_utf8_string("digest", hash.baseAddress, 0),
        OSSL_PARAM_construct_end(),
      ]
      return EVP_MAC_init(context, key.baseAddress, key.count, parameters) == 1
    }
    if !isReady { throw CryptoError(operation: "HMAC-SHA256") }
  }

  deinit { EVP_MAC_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) {
    guard EVP_MAC_update(context, bytes.baseAddress, bytes.count) == 1 else {
      throw CryptoError(operation: "HMAC-SHA256")
    }
  }

  /// Returns true where `tag` is the HMAC of all added bytes; takes the same time for every tag.
  func finish(matches tag: [UInt8]) throws(CryptoError) -> Bool {
    var code = [UInt8](repeating: 0, count: 32)
    guard EVP_MAC_final(context, &code, nil, code.count) == 1 else {
      throw CryptoError(operation: "HMAC-SHA256")
    }
    return tag.count == 32 && CRYPTO_memcmp(code, tag, 32) == 0
  }
}
