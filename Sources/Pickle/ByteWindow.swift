/// A view of a source that moves forward through the source with one buffer, however large the
/// source is.
///
/// The window allocates the buffer; where a source is in memory, the buffer is the whole source.
/// Every pointer that is lent out is limited to existing bytes.
struct ByteWindow: ~Copyable {
  static let capacity = 128 << 10

  private let source: any PickleSource
  private let buffer: UnsafeRawBufferPointer
  /// The buffer that this window has allocated; nil where the source itself is in memory.
  private let ownBuffer: UnsafeMutableRawBufferPointer?
  /// The offset in the source of the buffer's first byte.
  private var base = 0
  private var filled = 0
  private var cursor = 0
  /// The hole that was found last; a hole is a range of zeros that is not stored on the disk.
  private var hole = 0..<0

  /// The source's size when reading began.
  let size: Int

  init(_ source: any PickleSource) {
    self.source = source
    size = source.count
    if let contents = source.contents {
      precondition(contents.count == size)  // why: only a source that contradicts itself fails
      (buffer, ownBuffer, filled) = (contents, nil, size)
    } else {
      let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(Self.capacity, max(size, 16)), alignment: 64)
      (buffer, ownBuffer) = (UnsafeRawBufferPointer(room), room)
    }
  }

  deinit { ownBuffer?.deallocate() }

  /// The offset in the source of the next byte to read.
  var offset: Int { base + cursor }

  /// The number of bytes left up to the end of the source.
  var left: Int { size - offset }

  /// The bytes that are available without further reading; never more than the source has.
  var atHand: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer[cursor..<filled])
  }

  /// Makes at least `count` bytes available, or throws if the source ends before.
  @inline(__always)
  mutating func require(_ count: Int) throws(PickleError) {
    if filled - cursor >= count { return }
    try refill(count)
  }

  private mutating func refill(_ count: Int) throws(PickleError) {
    guard count <= left, let ownBuffer else { throw PickleError(.truncated, at: offset) }
    let start = offset
    let length = min(buffer.count, size - start)
    precondition(count <= length)  // why: callers ask for at most 16 bytes, or for one
    (base, cursor, filled) = (start, 0, 0)
    try source.read(
      into: UnsafeMutableRawBufferPointer(rebasing: ownBuffer[0..<length]), at: start)
    filled = length
  }

  /// Moves to any offset of the source.
  mutating func seek(to offset: Int) throws(PickleError) {
    guard offset >= 0, offset <= size else { throw PickleError(.truncated, at: size) }
    if offset >= base, offset <= base + filled {
      cursor = offset - base
    } else {
      (base, cursor, filled) = (offset, 0, 0)
    }
  }

  /// Skips `count` bytes, which must exist.
  mutating func skip(_ count: Int) throws(PickleError) {
    guard count >= 0, count <= left else { throw PickleError(.truncated, at: offset) }
    try seek(to: offset + count)
  }

  /// Skips zeros before `end` that were never written to the disk, and returns their number.
  ///
  /// The zeros are not read, so that a hole of a terabyte takes no longer than a hole of a page.
  /// The check is made only where no byte is available in the buffer.
  mutating func passHole(before end: Int) -> Int {
    guard cursor == filled, offset < end else { return 0 }
    if !hole.contains(offset) {
      let stop = source.endOfHole(at: offset)
      guard stop > offset else { return 0 }
      hole = offset..<stop
    }
    let next = min(hole.upperBound, end, size)
    let count = next - offset
    (base, cursor, filled) = (next, 0, 0)
    return count
  }

  /// Reads the next byte.
  @inline(__always)
  mutating func byte() throws(PickleError) -> UInt8 {
    try require(1)
    defer { cursor += 1 }
    return buffer[cursor]
  }

  /// Reads the next bytes as a little-endian integer, the form of integers in a pickle.
  mutating func integer<Integer: FixedWidthInteger>(
    _ type: Integer.Type
  ) throws(PickleError) -> Integer {
    let size = Integer.bitWidth / 8
    try require(size)
    defer { cursor += size }
    return Integer(
      littleEndian: buffer.loadUnaligned(fromByteOffset: cursor, as: Integer.self))
  }

  /// Reads the next eight bytes as a big-endian double, the form of floats in a pickle.
  mutating func double() throws(PickleError) -> Double {
    try require(8)
    defer { cursor += 8 }
    let bits = buffer.loadUnaligned(fromByteOffset: cursor, as: UInt64.self)
    return Double(bitPattern: UInt64(bigEndian: bits))
  }

  /// Reads the bytes up to the next line feed, and skips the line feed.
  mutating func line(atMost limit: Int) throws(PickleError) -> [UInt8] {
    try require(1)
    if let end = atHand.prefix(limit + 1).firstIndex(of: 0x0A) {
      defer { cursor += end + 1 }
      return Array(atHand[..<end])
    }
    // The line continues in the next part of the file, or is too long.
    let start = offset
    var line: [UInt8] = []
    while true {
      let next = try byte()
      if next == 0x0A { return line }
      guard line.count < limit else {
        throw PickleError(.limit("a line of more than \(limit) bytes"), at: start)
      }
      line.append(next)
    }
  }

  /// Copies `count` bytes from any offset, without moving the window.
  func copy(_ count: Int, at offset: Int) throws(PickleError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      throw PickleError(.truncated, at: offset)
    }
    if offset >= base, offset + count <= base + filled {
      return Array(buffer[offset - base..<offset - base + count])
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: PickleError?
    bytes.withUnsafeMutableBytes { all in
      do throws(PickleError) { try source.read(into: all, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}
