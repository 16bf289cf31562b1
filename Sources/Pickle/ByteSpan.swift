/// The place of a pickle's string or bytes in the file, and how they are written there.
struct ByteSpan: Equatable, Sendable {
  enum Content: UInt8, Sendable {
    /// Python 3 bytes or bytearray.
    case bytes
    /// Python text (`str`).
    case text
    /// A Python 2 string, which may be bytes or text.
    case legacy
  }

  enum Form: UInt8, Sendable {
    /// The bytes in the file are the value.
    case raw
    /// Each byte of the value is a character of UTF-8 text.
    case utf8
    /// Protocol 0 text: Latin-1 with `\uXXXX` for the rest.
    case rawUnicodeEscape
    /// Protocol 0 strings: Python's quoted notation, without the quotes.
    case quoted
  }

  var content: Content
  var form: Form
  /// The offset of the first byte in the file.
  var start: Int
  /// How many bytes the span takes in the file.
  var length: Int
  /// How many bytes the value has; nil where text is malformed or has characters above U+00FF.
  var count: Int?
}
