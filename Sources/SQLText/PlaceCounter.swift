/// Finds the line and column of places in one text.
///
/// Each place is counted from the place before, so that a search from top to bottom is fast.
struct PlaceCounter {
  private let bytes: [UInt8]
  /// The offset in bytes of the last place.
  private var offset = 0
  private var (line, column) = (1, 1)

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func position(of wanted: Int) -> SourcePosition {
    if wanted < offset { (offset, line, column) = (0, 1, 1) }
    bytes.withUnsafeBufferPointer { bytes in
      for byte in bytes[offset..<wanted] {
        if byte == UInt8(ascii: "\n") {
          line += 1
          column = 1
        } else if byte & 0xC0 != 0x80 {
          // Continuation bytes (10xxxxxx) do not begin a character.
          column += 1
        }
      }
    }
    offset = wanted
    return SourcePosition(line: line, column: column)
  }
}
