import Glibc
import TestSupport
import Testing

@testable import Pickle

/// Tests that text that contains an array's bytes may be as large as the file, and that a hole in
/// this text is not read.
@Suite struct LongTextTests {
  /// A source of zeros between two pieces of text; the zeros are not in memory.
  private struct Hollow: PickleSource {
    let head: [UInt8]
    let hole: Int
    let tail: [UInt8]
    /// True where the source tells where its hole is.
    let tellsHoles: Bool

    var count: Int { head.count + hole + tail.count }

    func read(
      into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(PickleError) {
      for index in 0..<buffer.count {
        let place = offset + index
        buffer[index] =
          place < head.count
          ? head[place] : place < head.count + hole ? 0 : tail[place - head.count - hole]
      }
    }

    func endOfHole(at offset: Int) -> Int {
      tellsHoles && offset >= head.count && offset < head.count + hole
        ? head.count + hole : offset
    }
  }

  /// Decodes one character after the other, in the simplest way.
  private static func characters(_ bytes: [UInt8]) -> Int? {
    var count = 0
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
      } else if bytes[index] & 0xFE == 0xC2, index + 1 < bytes.count,
        bytes[index + 1] & 0xC0 == 0x80
      {
        index += 2
      } else {
        return nil
      }
      count += 1
    }
    return count
  }

  @Test func `text is counted a word at a time as character by character`() throws {
    var generator = SeededGenerator(seed: 20)
    for round in 0..<4_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        let byte = UInt8.random(in: 0...255, using: &generator)
        bytes += byte < 0x80 ? [byte] : [0xC0 | byte >> 6, 0x80 | byte & 0x3F]
      }
      // Two of three texts are damaged at a random place.
      if round % 3 > 0, let place = bytes.indices.randomElement(using: &generator) {
        if round % 3 == 1 {
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        } else {
          bytes.remove(at: place)
        }
      }
      var window = ByteWindow(Hollow(head: bytes, hole: 0, tail: [], tellsHoles: false))
      #expect(try window.passText(bytes.count) == Self.characters(bytes), "\(bytes)")
      #expect(window.offset == bytes.count)
    }
  }

  @Test(arguments: [0, 1, 7, 8, 9])
  func `characters that lie across two windows are counted once`(shift: Int) throws {
    let letters = (0..<ByteWindow.capacity / 2).map { [0x61 + UInt8($0 % 26)] + [0xC3, 0xA9] }
    let bytes = [UInt8](repeating: 0x61, count: shift) + letters.flatMap { $0 }
    var window = ByteWindow(PickleBytes(bytes))
    #expect(try window.passText(bytes.count) == shift + 2 * letters.count)
    // The text is read again piece by piece, as when the places of rows are looked for.
    try window.seek(to: 0)
    var places: [Int] = []
    for _ in 0..<letters.count + shift / 2 {
      places.append(window.offset)
      try window.passEncoded(2, .utf8)
    }
    var slow = ByteWindow(PickleBytes(bytes))
    for place in places.prefix(3_000) + places.suffix(3_000) {
      if slow.offset > place { continue }
      if place > slow.offset + 8 { try slow.seek(to: place) }
      #expect(slow.offset == place)
      _ = try slow.decodedByte(.utf8)
      _ = try slow.decodedByte(.utf8)
    }
  }

  /// Returns a source with an array of `rows` × `columns` zeros, as protocol 2 writes it as text.
  private static func array(
    rows: Int, columns: Int, characters: Int? = nil, fortran: Bool = false
  ) -> Hollow {
    func b(_ text: String) -> [UInt8] { Assembly.bytes(text) }
    func integer(_ value: Int) -> [UInt8] {
      [0x8A, 8] + withUnsafeBytes(of: Int64(value).littleEndian, Array.init)
    }
    let length = characters ?? rows * columns * 4
    let head =
      b("\u{80}\u{4}cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\u{0}\u{85}")
      + b("C\u{1}b\u{87}R(K\u{1}") + integer(rows) + integer(columns) + b("\u{86}")
      + Assembly.dtype("f4") + b(fortran ? "\u{88}" : "\u{89}") + b("c_codecs\nencode\n")
      + b("\u{8D}") + withUnsafeBytes(of: UInt64(length).littleEndian, Array.init)
    let tail = Assembly.text("latin1") + b("\u{86}Rtb.")
    return Hollow(head: head, hole: length, tail: tail, tellsHoles: true)
  }

  /// Expects that `body` takes at most a few seconds of this thread's processor time, which waiting
  /// for other tests does not use; reading a terabyte would take minutes.
  private func expectNoReading(_ body: () throws -> Void) rethrows {
    func seconds() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let before = seconds()
    try body()
    #expect(seconds() - before < 10)
  }

  @Test(arguments: [false, true])
  func `zeros that were never written are passed over, not read`(fortran: Bool) throws {
    try expectNoReading { try passOverZeros(fortran: fortran) }
  }

  private func passOverZeros(fortran: Bool) throws {
    // The array has a terabyte.
    let source = Self.array(rows: 1 << 19, columns: 1 << 19, fortran: fortran)
    let rows = try PickledRows(source: source)
    #expect(rows.rowCount == 1 << 19 && rows.width(ofRow: 0) == 1 << 19)
    var limits = PickleLimits()
    limits.textRows = 1 << 18
    let error = #expect(throws: PickleError.self) {
      try PickledRows(source: source, limits: limits)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("524288 rows, of which at most 262144"))
  }

  @Test(arguments: [-1, 1, -(1 << 39)])
  func `text that does not fill its array is refused without being read`(off: Int) throws {
    let source = Self.array(rows: 1 << 19, columns: 1 << 19, characters: 1 << 40 + off)
    expectNoReading {
      let error = #expect(throws: PickleError.self) { try PickledRows(source: source) }
      #expect("\(error.map { "\($0)" } ?? "")".contains("do not fill its shape"))
    }
  }

  @Test(arguments: ["V", "](F", "](V"])
  func `a line that never ends is refused without being read`(head: String) throws {
    let source = Hollow(head: Assembly.bytes(head), hole: 1 << 40, tail: [], tellsHoles: true)
    expectNoReading {
      #expect(throws: PickleError.self) { try PickledRows(source: source) }
    }
  }

  @Test(arguments: [1, 255, 256, 40_000])
  func `columns of a long array in text are read from any row`(rows: Int) throws {
    let columns = 3
    var generator = SeededGenerator(seed: UInt64(rows))
    let bits = (0..<rows * columns).map { _ in
      Float.random(in: -1...1, using: &generator).bitPattern
    }
    let raw = bits.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    let text = raw.flatMap { (byte: UInt8) -> [UInt8] in
      byte < 0x80 ? [byte] : [0xC0 | byte >> 6, 0x80 | byte & 0x3F]
    }
    let empty = Self.array(rows: rows, columns: columns, characters: text.count, fortran: true)
    let source = PickleBytes(empty.head + text + empty.tail)
    let read = try PickledRows(source: source)
    for first in Set([0, rows / 2, max(0, rows - 2)]) {
      let range = first..<min(rows, first + 2)
      let expected = range.flatMap { row in (0..<columns).map { bits[$0 * rows + row] } }
      #expect(try read.bits(of: range) == expected, "\(range)")
    }
  }
}
