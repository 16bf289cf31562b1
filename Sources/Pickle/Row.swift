/// The place of one row's numbers: sixteen bytes, however wide the row is.
struct Row: Sendable {
  enum Kind: UInt8, Sendable {
    /// The numbers of opcodes from `start` on.
    case opcodes
    /// The numbers of opcodes from `start` on that must be run again, for NumPy scalars and shared
    /// numbers.
    case replay
    /// Array elements in the file's bytes from `start` on.
    case elements
    /// Array elements in text or quotes; `start` is an index into the list of layouts.
    case encoded
    /// Numbers kept by value, such as zero-dimensional arrays; `start` is an index into the list of
    /// kept rows.
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
