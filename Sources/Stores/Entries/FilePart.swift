/// The place of a value in a file.
struct FilePart {
  /// The offset of the first byte.
  let offset: Int
  private let length: UInt32

  /// The number of bytes.
  var count: Int { Int(length) }

  /// Creates a part from the range of its bytes; nil where it is longer than a value may be.
  init?(_ range: Range<Int>) {
    guard let length = UInt32(exactly: range.count) else { return nil }
    offset = range.lowerBound
    self.length = length
  }
}
