public import JSON

/// Reads Fernet tokens: version 0x80, time, IV, AES-128-CBC with PKCS#7, HMAC-SHA256, URL-safe
/// base64.
///
/// The time is ignored, because a store does not expire.
public enum Fernet {
  static let version: UInt8 = 0x80
  /// The length of version, time and initialisation vector.
  static let headerLength = 1 + 8 + 16

  /// Authenticates a token and returns a source of its plaintext.
  ///
  /// The token is read twice, in parts: nothing is decrypted before the whole token is
  /// authenticated. The second reading must give the same tag: where the file changed in between,
  /// reading the plaintext throws an error.
  public static func open(
    _ token: any RewindableByteSource, key: FernetKey
  ) throws -> FernetPlaintext {
    let (length, tag) = try authenticate(token, key: key)
    guard length >= headerLength + 16, (length - headerLength) % 16 == 0 else {
      throw FernetError.invalidPadding
    }
    return try FernetPlaintext(token, key: key, tag: tag)
  }

  /// Checks the whole token and returns the length of its body, and its tag.
  private static func authenticate(
    _ token: any RewindableByteSource, key: FernetKey
  ) throws -> (length: Int, tag: [UInt8]) {
    let code = try key.withHalves { signing, _ in try MessageAuthenticator(key: signing) }
    var body = TokenBody(token)
    var length = 0
    while try body.next({ bytes in
      if length == 0, bytes[0] != version { throw FernetError.notAToken }
      length += bytes.count
      try code.update(bytes)
    }) {}
    if length < 9 { throw FernetError.notAToken }
    guard try code.finish(matches: body.tag) else { throw FernetError.notAuthentic }
    return (length, body.tag)
  }

  /// Decrypts a token that is in memory.
  public static func decrypt(_ token: [UInt8], key: FernetKey) throws -> [UInt8] {
    let plaintext = try open(MemoryByteSource(token), key: key)
    var output: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = try plaintext.read(into: buffer)
      if count == 0 { return output }
      output.append(contentsOf: buffer[..<count])
    }
  }
}
