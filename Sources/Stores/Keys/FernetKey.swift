/// A Fernet key: sixteen bytes that sign, sixteen that encrypt; wiped when its last copy goes.
public struct FernetKey: Sendable, CustomStringConvertible, CustomReflectable {
  let secret: Secret

  init(_ secret: Secret) { self.secret = secret }

  /// The key written as URL-safe base64, read as laxly as Python reads it; nil unless 32 bytes.
  public init?(base64 text: String) {
    guard text.utf8.allSatisfy({ $0 < 0x80 }),
      var bytes = try? LaxBase64Decoder.decode(Array(text.utf8))
    else { return nil }
    defer { wipe(&bytes) }
    guard bytes.count == 32 else { return nil }
    secret = bytes.withUnsafeBytes { Secret($0) }
  }

  /// Lends the key that signs and the key that encrypts.
  func withHalves<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withBytes { bytes throws(Failure) in
      try body(
        UnsafeRawBufferPointer(rebasing: bytes[..<16]),
        UnsafeRawBufferPointer(rebasing: bytes[16...]))
    }
  }

  /// True where both are the same key; the time taken tells nothing about them.
  public func matches(_ other: FernetKey) -> Bool { secret.matches(other.secret) }

  /// Shows nothing.
  public var description: String { "<Fernet key>" }
  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
