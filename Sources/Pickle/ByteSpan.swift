/// Where a pickle's string or bytes stand in the file, and how they are written there.
struct ByteSpan: Equatable, Sendable {
  enum Content: UInt8, Sendable {
    /// Python 3 bytes or bytearray.
    case bytes
    /// Text.
    case text
    /// A Python 2 string, which is either.
    case legacy
  }

  enum Form: UInt8, Sendable {
    /// The file's bytes are the bytes.
    case raw
    /// Each byte is a character of UTF-8 text.
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
  /// How many bytes it takes in the file.
  var length: Int
  /// How many bytes it means; nil where text has characters above U+00FF.
  var count: Int?
}
