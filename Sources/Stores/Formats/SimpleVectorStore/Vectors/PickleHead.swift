internal import Files

/// The beginning of a pickled list of lists of floats, with its first row, as Python's pickler
/// writes it.
struct PickleHead {
  /// The number of bytes to read: enough for the largest row that pgvector allows, and the frames
  /// around it.
  private static let window = 160 * 1024

  /// The pickle's protocol, 1 where the pickle states none.
  let pickleProtocol: Int
  /// The offset after the opcode PROTO, at which the first frame begins where there are frames.
  let start: Int
  /// The number of numbers in the first row.
  private(set) var floats = 0
  /// The first row's length in bytes, without frames and without the opcode that puts it into the
  /// memo.
  private(set) var rowLength = 1

  /// Reads the head of a pickle of protocol 1 to 5; nil where the file begins with anything else.
  init?(_ file: InputFile) {
    var bytes = [UInt8](repeating: 0, count: Self.window)
    guard let count = bytes.withUnsafeMutableBytes({ try? file.read(into: $0, at: 0) }) else {
      return nil
    }
    bytes.removeLast(bytes.count - count)
    var walk = Walk(bytes: bytes)
    let hasProtocol = walk.skip(.proto)
    pickleProtocol = hasProtocol && count > 1 ? Int(bytes[1]) : 1
    start = walk.offset
    _ = walk.skip(.frame)
    // Skips the beginning of the outer list, of its first batch and of the first row. The first row
    // ends where the next row begins.
    guard walk.skip(.list), walk.skipMemo(), walk.skip(.mark), walk.skip(.list), walk.skipMemo()
    else { return nil }
    while !walk.isAt(.list) {
      if walk.skip(.frame) { continue }
      if walk.skip(.float) {
        floats += 1
        rowLength += Opcode.float.length
      } else if walk.skip(.mark) || walk.skip(.appends) {
        rowLength += 1
      } else {
        return nil
      }
    }
  }

  /// The opcodes of lists of floats; any other opcode ends the reading.
  private enum Opcode: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case list = 0x5D  // ]
    case memoize = 0x94
    case put = 0x71  // q
    case longPut = 0x72  // r
    case mark = 0x28  // (
    case float = 0x47  // G
    case appends = 0x65  // e

    /// The length in bytes of the opcode with its argument.
    var length: Int {
      switch self {
      case .proto, .put: 2
      case .longPut: 5
      case .frame, .float: 9
      case .list, .memoize, .mark, .appends: 1
      }
    }
  }

  private struct Walk {
    let bytes: [UInt8]
    var offset = 0

    func isAt(_ opcode: Opcode) -> Bool { offset < bytes.count && bytes[offset] == opcode.rawValue }

    mutating func skip(_ opcode: Opcode) -> Bool {
      guard isAt(opcode) else { return false }
      offset += opcode.length
      return true
    }

    mutating func skipMemo() -> Bool { skip(.memoize) || skip(.put) || skip(.longPut) }
  }
}
