import JSON
import TestSupport
import Testing

@Suite("Walking through a large JSON text")
struct JSONWalkerTests {
  /// A source that delivers its bytes in small parts.
  private func walker(_ text: String, chunk: Int = 7) throws -> JSONWalker {
    try JSONWalker(MemoryByteSource(Array(text.utf8), chunk: chunk))
  }

  @Test("keys, elements, values and their places are found", arguments: [1, 3, 1000])
  func places(chunk: Int) throws {
    let text = "{ \"a\" : [1, {\"x\": [2]}],\n \"b\\u00e9\" :\"é\", \"c\": {} , \"d\": [] }\n"
    let bytes = Array(text.utf8)
    let walker = try walker(text, chunk: chunk)
    var found: [String] = []
    try walker.enter(.object)
    while let key = try walker.nextKey() {
      found.append("\(key) \(String(decoding: bytes[walker.keyRange], as: UTF8.self))")
      if key == "a" {
        try walker.enter(.array)
        while try walker.nextElement() {
          found.append(String(decoding: bytes[try walker.skip()], as: UTF8.self))
        }
      } else {
        found.append(String(decoding: bytes[try walker.skip()], as: UTF8.self))
      }
    }
    try walker.finish()
    #expect(
      found == [
        #"a "a""#, "1", #"{"x": [2]}"#, #"bé "b\u00e9""#, #""é""#, #"c "c""#, "{}", #"d "d""#, "[]",
      ])
  }

  @Test("arrays of numbers are counted by their commas, and lines within them are counted")
  func numbers() throws {
    var generator = SeededGenerator(seed: 4)
    for count in [0, 1, 2, 15, 16, 17, 1000] {
      let spaces = ["", " ", "\n  ", "\r\n\t", "          \n         "]
      let words = (0..<count).map { _ in
        "\(Double.random(in: -1...1, using: &generator))"
          + (spaces.randomElement(using: &generator) ?? "")
      }
      let array = "[\n\(words.joined(separator: ","))]"
      for chunk in [1, 16, 100_000] {
        let walker = try walker("{\"v\": \(array)\n x", chunk: chunk)
        try walker.enter(.object)
        #expect(try walker.nextKey() == "v")
        let (range, found) = try walker.skipNumbers()
        #expect(range == 6..<6 + array.utf8.count && found == count)
        #expect(throws: JSONError.self) { try walker.nextKey() }
        let lines = array.utf8.count { $0 == 10 } + 2
        #expect(walker.position.line == lines && walker.position.column == 2)
      }
    }
  }

  @Test(
    "a text that ends early is refused, wherever it ends",
    arguments: [#"{"a": [1, 2], "b": {"c": "d"}}"#])
  func early(text: String) throws {
    for count in 0..<text.utf8.count {
      let bytes = Array(text.utf8.prefix(count))
      let error = #expect(throws: JSONError.self, "\(count)") {
        let walker = try JSONWalker(MemoryByteSource(bytes, chunk: 3))
        try walker.enter(.object)
        while let key = try walker.nextKey() {
          if key == "a" { _ = try walker.skipNumbers() } else { try walker.skip() }
        }
        try walker.finish()
      }
      #expect(error?.reason == .endOfText)
    }
  }

  @Test(
    "an array with anything but numbers is not passed over as one",
    arguments: ["[1, [2]]", "[\"a\"]", "[{}]", "[1, é]"])
  func notNumbers(array: String) throws {
    let walker = try walker("[\(array)]")
    try walker.enter(.array)
    #expect(try walker.nextElement())
    #expect(throws: JSONError.self) { try walker.skipNumbers() }
  }

  @Test("a long string without escapes is passed over, and others are refused")
  func plainStrings() throws {
    let long = String(repeating: "QUJD", count: 200_000)
    let plain = try walker("\"\(long)\"", chunk: 100_000)
    #expect(try plain.skipPlainString() == 1..<long.utf8.count + 1)
    for text in [#""a\n""#, "\"é\"", "\"a b\"", "\"ab", "5"] {
      let other = try walker(text)
      #expect(throws: JSONError.self) { try other.skipPlainString() }
    }
  }

  @Test("a member of many numbers keeps its place and its count within an entry")
  func members() throws {
    var limits = JSONLimits()
    limits.numberMembers = ["v"]
    let text = #"[{"a": 1, "v": [1, 2,3], "b": {"v": [4]}}, {"v": [[1]]}, {"v": "x"}]"#
    let walker = try JSONWalker(MemoryByteSource(Array(text.utf8)), limits: limits)
    var entry = JSONEntry()
    var counts: [Int?] = []
    try walker.enter(.array)
    while try walker.nextElement() {
      let range = try walker.entry(counts.count, into: &entry)
      #expect(Array(text.utf8)[range].elementsEqual(entry.bytes))
      counts.append(entry.member(named: "v")?.elementCount)
      if counts.count == 1, let member = entry.member(named: "v") {
        #expect(String(decoding: entry.bytes[member.value], as: UTF8.self) == "[1, 2,3]")
      }
    }
    #expect(counts == [3, nil, nil])
  }
}
