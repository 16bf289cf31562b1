internal import JSON

/// Decodes a token's bytes part by part; its last 32 bytes, the tag, are kept until the end.
struct TokenBody: ~Copyable {
  static let tagLength = 32
  private static let chunk = 256 * 1024

  private var source: any RewindableByteSource
  private var decoder = LaxBase64Decoder()
  private let text: UnsafeMutableRawBufferPointer
  /// The decoded bytes: the `handedOut` bytes that the last `next` has lent, and the bytes after
  /// them, which may be the tag.
  private var decoded: [UInt8] = []
  private var handedOut = 0

  init(_ source: any RewindableByteSource) {
    self.source = source
    self.source.rewind()
    text = .allocate(byteCount: Self.chunk, alignment: 64)
  }

  deinit { text.deallocate() }

  /// Lends the next bytes of the body; returns false at the end of the body, where only the tag is
  /// left.
  mutating func next(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    decoded.removeFirst(handedOut)
    handedOut = 0
    while decoded.count <= Self.tagLength {
      let count = try source.read(into: text)
      if count == 0 { return try atEnd() }
      decoder.decode(UnsafeRawBufferPointer(rebasing: text[..<count]), to: &decoded)
    }
    handedOut = decoded.count - Self.tagLength
    try decoded.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<handedOut])) }
    return true
  }

  private func atEnd() throws(FernetError) -> Bool {
    do { try decoder.finish() } catch { throw .notAToken }
    return false
  }

  /// The tag of the token; complete only after `next` has returned false.
  var tag: [UInt8] { Array(decoded.suffix(Self.tagLength)) }
}
