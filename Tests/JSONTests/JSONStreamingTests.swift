import JSON
import TestSupport
import Testing

/// A text of one beginning and a part that repeats endlessly; the text is made while it is read.
private final class EndlessSource: ByteSource {
  private let beginning: [UInt8]
  /// Copies of the part that repeats.
  private let parts: [UInt8]
  private let partLength: Int
  private let limit: Int
  private(set) var handedOut = 0
  private(set) var largestRequest = 0

  init(_ beginning: String, then part: String, limit: Int = .max) {
    self.beginning = Array(beginning.utf8)
    partLength = part.utf8.count
    parts = Array(String(repeating: part, count: 200_000 / partLength + 2).utf8)
    self.limit = limit
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    largestRequest = max(largestRequest, buffer.count)
    let isFirst = handedOut < beginning.count
    let place = isFirst ? handedOut : (handedOut - beginning.count) % partLength
    let count = min(
      buffer.count, limit - handedOut, isFirst ? beginning.count - place : 200_000)
    (isFirst ? beginning : parts).withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
    }
    handedOut += count
    return count
  }
}

@Suite("JSON, read in parts")
struct JSONStreamingTests {
  @Test("memory does not grow with the number of entries")
  func bounded() throws {
    let size = (Oracle.isFullRun ? 1_000 : 4) << 20
    let source = EndlessSource("[{}", then: ",{\"id\":\"0123456789\"}", limit: size)
    let reader = JSONEntryReader(source)
    var count = 0
    let error = #expect(throws: JSONError.self) { while try reader.next() != nil { count += 1 } }
    #expect(count == (size - 3) / 20 + 1)
    #expect(error?.position.byteOffset == size)
    #expect(source.largestRequest <= 256 * 1024)
  }

  @Test("white space between entries is not held")
  func whiteSpace() throws {
    for beginning in ["", "[", "[{}", "[{},", "[{}]"] {
      let source = EndlessSource(beginning, then: " \n", limit: 3 << 20)
      let reader = JSONEntryReader(source)
      if beginning == "[{}]" {
        while try reader.next() != nil {}
      } else {
        #expect(throws: JSONError.self, "\(beginning)") { while try reader.next() != nil {} }
      }
      #expect(source.handedOut == 3 << 20)
      #expect(source.largestRequest <= 256 * 1024)
    }
  }

  @Test("a damaged file never looks like a short one")
  func failure() throws {
    let reader = JSONEntryReader(MemoryByteSource(Array("[{},{\"a\":tru},{}]".utf8)))
    #expect(try reader.next() != nil)
    let first = #expect(throws: JSONError.self) { try reader.next() }
    let second = #expect(throws: JSONError.self) { try reader.next() }
    #expect(first == second)
  }

  @Test("an entry that is too long is named by its beginning")
  func longEntry() throws {
    var limits = JSONLimits()
    limits.entryBytes = 100_000
    let lines = String(repeating: "\n  0,", count: 30_000)
    let text = Array("[{},\n  {\"a\":[\(lines) 0]}]".utf8)
    for chunk in [1_000, .max] {
      let reader = JSONEntryReader(MemoryByteSource(text, chunk: chunk), limits: limits)
      #expect(try reader.next() != nil)
      let error = #expect(throws: JSONError.self) { try reader.next() }
      #expect(error?.reason == .entryTooLong(limit: 100_000))
      #expect(error?.position.line == 2 && error?.position.column == 3)
      #expect(error?.entry == 1)
    }
    let map = EndlessSource("{\"a\":\"", then: "b")
    #expect(throws: JSONError.self) { try JSONEntry(reading: map, limits: limits) }
    #expect(map.handedOut < 3_000_000)
  }

  @Test("a string, an entry, an object without end is refused before it is held")
  func unbounded() throws {
    var limits = JSONLimits()
    if !Oracle.isFullRun { limits.entryBytes = 1_000_000 }
    limits.stringBytes = limits.entryBytes / 10 * 9
    limits.elements = .max
    let string = EndlessSource("[{\"text\":\"", then: "a")
    let stringError = #expect(throws: JSONError.self) {
      try JSONEntryReader(string, limits: limits).next()
    }
    #expect(stringError?.reason == .stringTooLong(limit: limits.stringBytes))
    #expect(stringError?.position.byteOffset == 9)
    #expect(string.handedOut < 2 * limits.entryBytes + 1_000_000)

    let entry = EndlessSource("[{\"text\":[0", then: ",1")
    let entryError = #expect(throws: JSONError.self) {
      try JSONEntryReader(entry, limits: limits).next()
    }
    #expect(entryError?.reason == .entryTooLong(limit: limits.entryBytes))
    #expect(entryError?.position.byteOffset == 1)
    #expect(entry.handedOut < 2 * limits.entryBytes + 1_000_000)

    let number = EndlessSource("[{\"text\":", then: "1")
    let numberError = #expect(throws: JSONError.self) {
      try JSONEntryReader(number, limits: limits).next()
    }
    #expect(numberError?.reason == .entryTooLong(limit: limits.entryBytes))
  }

  @Test("an object with more members than jsonb holds is refused")
  func members() throws {
    var limits = JSONLimits()
    limits.members = 100
    for count in [100, 101] {
      let members = (0..<count).map { "\"\($0)\":0" }.joined(separator: ",")
      let reader = JSONEntryReader(MemoryByteSource(Array("[{\(members)}]".utf8)), limits: limits)
      if count == 100 {
        #expect(try reader.next()?.members.count == 100)
      } else {
        let error = #expect(throws: JSONError.self) { try reader.next() }
        #expect(error?.reason == .tooManyMembers)
      }
    }
  }

  @Test("an array with more elements than jsonb holds is refused")
  func elements() throws {
    var limits = JSONLimits()
    limits.elements = 100
    for count in [100, 101] {
      let elements = (0..<count).map { "[\($0)]" }.joined(separator: ",")
      let text = Array("[{\"a\":[\(elements)]}]".utf8)
      let reader = JSONEntryReader(MemoryByteSource(text), limits: limits)
      if count == 100 {
        #expect(try reader.next()?.members.count == 1)
      } else {
        let error = #expect(throws: JSONError.self) { try reader.next() }
        #expect(error?.reason == .tooManyElements)
      }
    }
  }

  @Test("strings are judged as Swift judges their UTF-8, wherever in a block a fault stands")
  func utf8() throws {
    let rounds = Oracle.isFullRun ? 300_000 : 4_000
    let seed = UInt64(8)
    var random = SeededGenerator(seed: seed)
    let edges: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
      0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    var refused = 0
    for round in 0..<rounds {
      var content = Array(
        String(repeating: "é東🚢a", count: Int.random(in: 0..<6, using: &random)).utf8)
      content += Array("padding of ASCII".utf8.prefix(Int.random(in: 0...16, using: &random)))
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        content.append(edges.randomElement(using: &random) ?? 0x41)
      }
      content += Array("a tail, 16 bytes".utf8.prefix(Int.random(in: 0...16, using: &random)))
      let expected = String(validating: content, as: UTF8.self)
      let text = Array("[{\"a\":\"".utf8) + content + Array("\"}]".utf8)
      let chunk = Bool.random(using: &random) ? .max : Int.random(in: 1...20, using: &random)
      let entries = try? JSONRefusalTests.read(text, chunk: chunk)
      let found = entries?.first.flatMap { entry in
        entry.member(named: "a").flatMap { entry.string(of: $0) }
      }
      #expect(
        expected.map { Array($0.utf8) } == found.map { Array($0.utf8) },
        "seed \(seed), round \(round): \(content)")
      if expected == nil { refused += 1 }
    }
    #expect(refused > rounds / 4 && refused < rounds * 9 / 10)
  }
}
