internal import Bounds
internal import Files

/// The rows and dimensions of a pickled list of lists of floats, from its head and its length
/// alone.
///
/// The first row shows the number of bytes that a row takes; the length of the file then gives the
/// number of rows. Where no number of such rows gives this length, rows have different lengths, and
/// their number stays unknown.
struct PickleOutline {
  /// The number of rows; nil where the rows' lengths differ or the frames are wrong.
  let rows: Int?
  /// The number of numbers in the first row.
  let dimensions: Int

  /// Reads the outline of a pickle; nil where the pickle does not begin as a list of lists of
  /// floats does.
  init?(_ file: InputFile) {
    guard let head = PickleHead(file), head.floats > 0 else { return nil }
    dimensions = head.floats
    rows = Self.payload(of: file, head).flatMap { Self.rows(payload: $0, head) }
  }

  /// Computes the number of bytes of all opcodes after PROTO, without the frames around them; nil
  /// where the frames are wrong.
  private static func payload(of file: InputFile, _ head: PickleHead) -> Int? {
    let size = Int(file.facts.size)
    if head.pickleProtocol < 4 { return size - head.start }
    var total = 0
    var offset = head.start
    while offset < size {
      guard let length = frameLength(file, at: offset), length > 0, length <= size - offset - 9
      else { return nil }
      total += length
      offset += 9 + length
    }
    return total
  }

  /// Reads the length that the frame at `offset` declares; nil where no frame begins there.
  private static func frameLength(_ file: InputFile, at offset: Int) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: 9, alignment: 8) { bytes in
      guard (try? file.read(into: bytes, at: Int64(offset))) == 9, bytes[0] == 0x95 else {
        return nil
      }
      return Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int64.self)))
    }
  }

  /// Finds the number of rows in a pickle of this length; nil where no number of rows gives this
  /// length.
  private static func rows(payload: Int, _ head: PickleHead) -> Int? {
    var low = 1
    var high = payload / head.rowLength + 1
    while low < high {
      let middle = (low + high) / 2
      if length(rows: middle, head) < payload { low = middle + 1 } else { high = middle }
    }
    return length(rows: low, head) == payload ? low : nil
  }

  /// Computes the length of a pickle with this many rows, at least two.
  private static func length(rows: Int, _ head: PickleHead) -> Int {
    // The outer list has EMPTY_LIST and STOP, and MARK and APPENDS around each batch of a thousand
    // rows.
    let outer = 2 + 2 * (rows.addingSaturated(999) / 1000)
    return rows.multipliedSaturated(by: head.rowLength).addingSaturated(outer)
      .addingSaturated(memo(lists: rows.addingSaturated(1), head.pickleProtocol))
  }

  /// Computes the number of bytes of the opcodes for the memo: MEMOIZE for each list; before
  /// protocol 4, BINPUT for each of the first 256 lists and LONG_BINPUT for each later one.
  private static func memo(lists: Int, _ pickleProtocol: Int) -> Int {
    if pickleProtocol >= 4 { return lists }
    return lists.multipliedSaturated(by: 2)
      .addingSaturated(max(0, lists - 256).multipliedSaturated(by: 3))
  }
}
