/// A Fernet key: sixteen bytes to sign and sixteen to encrypt, which are wiped when the last copy
/// of the key is released.
public struct FernetKey: Sendable, CustomStringConvertible, CustomReflectable {
  let secret: Secret

  init(_ secret: Secret) { self.secret = secret }

  /// Decodes a key in URL-safe base64, as leniently as Python does; nil unless the decoded key has
  /// 32 bytes.
  public init?(base64 text: String) {
    guard text.utf8.allSatisfy({ $0 < 0x80 }),
      var bytes = try? LaxBase64Decoder.decode(Array(text.utf8))
    else { return nil }
    defer { wipe(&bytes) }
    guard bytes.count == 32 else { return nil }
    secret = bytes.withUnsafeBytes { Secret($0) }
  }

  /// Lends the signing key and the encryption key.
  func withHalves<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withBytes { bytes throws(Failure) in
      try body(
        UnsafeRawBufferPointer(rebasing: bytes[..<16]),
        UnsafeRawBufferPointer(rebasing: bytes[16...]))
    }
  }

  /// Returns true where the two keys are the same; the time that this takes reveals nothing about
  /// the keys.
  public func matches(_ other: FernetKey) -> Bool { secret.matches(other.secret) }

  /// A constant text, so that the key is not shown.
  public var description: String { "<Fernet key>" }
  /// An empty mirror, so that nothing secret is shown.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
