/// The place of a string or of bytes in the pickle's file, and the form in which they are written
/// there.
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
    /// Protocol 0 text: Latin-1, with `\uXXXX` for all other characters.
    case rawUnicodeEscape
    /// Protocol 0 strings: Python's quoted notation, without the quotes.
    case quoted
  }

  var content: Content
  var form: Form
  /// The offset of the first byte in the file.
  var start: Int
  /// The number of bytes that the span takes in the file.
  var length: Int
  /// The number of bytes of the value; nil where the text is malformed or has characters above
  /// U+00FF.
  var count: Int?
}
