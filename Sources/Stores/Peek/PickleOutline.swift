/// Rows and dimensions of a large pickled list of lists of floats, from its frames alone.
///
/// Python's C pickler writes protocol 4 in frames whose lengths add up to all that is pickled.
/// One row of floats has a length that the first row shows, and so the number of rows follows
/// without reading them. Where the sum does not come out even, rows differ: then nothing is said.
struct PickleOutline {
  /// How many rows there must be, nil where their lengths differ.
  let rows: Int?
  /// How many numbers the first row has.
  let dimensions: Int

  /// Looks at a pickle; nil where it does not begin as such a list does.
  init?(_ file: StoreFileHandle) {
    guard let head = PickleHead(file) else { return nil }
    dimensions = head.floats
    rows = Self.payload(of: file).flatMap { Self.rows(payload: $0, row: head.rowLength) }
  }

  /// The bytes in all frames together.
  private static func payload(of file: StoreFileHandle) -> Int64? {
    var total: Int64 = 0
    var offset: Int64 = 2
    while offset < file.facts.size {
      guard let length = frameLength(file, at: offset), length > 0,
        length <= file.facts.size - offset - 9
      else { return nil }
      total += length
      offset += 9 + length
    }
    return total
  }

  private static func frameLength(_ file: StoreFileHandle, at offset: Int64) -> Int64? {
    withUnsafeTemporaryAllocation(byteCount: 9, alignment: 8) { bytes in
      guard (try? file.read(into: bytes, at: offset)) == 9, bytes[0] == PickleHead.frame else {
        return nil
      }
      return Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int64.self))
    }
  }

  /// Solves `payload = 3 + row × rows + 2 × batches`, a batch being a thousand rows.
  private static func rows(payload: Int64, row: Int64) -> Int? {
    // EMPTY_LIST, MEMOIZE and STOP; MARK and APPENDS around each batch.
    let body = payload - 3
    let batch = 1000 * row + 2
    let rest = body % batch
    if rest == 0 { return Int(body / batch * 1000) }
    guard rest > 2, (rest - 2) % row == 0 else { return nil }
    return Int(body / batch * 1000 + (rest - 2) / row)
  }
}

/// The first row of a pickled list of lists of floats.
struct PickleHead {
  static let frame: UInt8 = 0x95
  private static let mark = UInt8(ascii: "(")
  private static let float = UInt8(ascii: "G")
  private static let appends = UInt8(ascii: "e")
  private static let list = UInt8(ascii: "]")
  private static let memoize: UInt8 = 0x94
  /// Enough for the largest row that pgvector can hold, and the frames around it.
  private static let window = 160 * 1024

  /// How many numbers the row has.
  private(set) var floats = 0
  /// Its length in bytes, without what frames add.
  private(set) var rowLength: Int64 = 0

  /// Reads the head of a pickle of protocol 4 or 5; nil where anything else comes first.
  init?(_ file: StoreFileHandle) {
    var bytes = [UInt8](repeating: 0, count: Self.window)
    guard let count = bytes.withUnsafeMutableBytes({ try? file.read(into: $0, at: 0) }),
      count > 32, bytes[0] == 0x80, bytes[1] == 4 || bytes[1] == 5, bytes[2] == Self.frame,
      bytes[11...15].elementsEqual([Self.list, Self.memoize, Self.mark, Self.list, Self.memoize])
    else { return nil }
    // The row begins at its EMPTY_LIST and ends where the next one's is.
    var offset = 16
    rowLength = 2
    while offset < count, bytes[offset] != Self.list {
      switch bytes[offset] {
      case Self.frame: offset += 9
      case Self.float:
        floats += 1
        rowLength += 9
        offset += 9
      case Self.mark, Self.appends:
        rowLength += 1
        offset += 1
      default: return nil
      }
    }
    if offset >= count { return nil }
  }
}
