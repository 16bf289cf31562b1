/// The place of one row's numbers; it takes sixteen bytes, however wide the row is.
struct Row: Sendable {
  enum Kind: UInt8, Sendable {
    /// Numbers whose opcodes are in the file from `start` on.
    case opcodes
    /// Numbers, such as NumPy scalars and shared numbers, for which the opcodes from `start` on
    /// must be run again.
    case replay
    /// Elements of an array, whose bytes are in the file from `start` on.
    case elements
    /// Elements of an array whose bytes are written as text; `start` is an index into the list of
    /// layouts.
    case encoded
    /// Numbers that are kept in memory; `start` is an index into the list of kept rows.
    case kept
  }

  let start: Int
  private let width: UInt32
  let kind: Kind
  private let packed: UInt8

  var count: Int { Int(width) }

  init(_ kind: Kind, start: Int, count: Int, element: ElementType? = nil) {
    self.kind = kind
    self.start = start
    width = UInt32(clamping: count)
    packed = element.map(\.packed) ?? 0
  }

  /// The type of the elements, for a row of the kind `elements`; otherwise nil.
  var element: ElementType? { ElementType(packed: packed) }
}

extension ElementType {
  fileprivate var packed: UInt8 {
    UInt8(size) | kind.rawValue << 4 | (isBigEndian ? 0x80 : 0)
  }

  fileprivate init?(packed: UInt8) {
    guard let kind = Kind(rawValue: packed >> 4 & 7), packed & 0xF != 0 else { return nil }
    self.kind = kind
    size = Int(packed & 0xF)
    isBigEndian = packed & 0x80 != 0
  }
}
