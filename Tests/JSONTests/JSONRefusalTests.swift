import JSON
import TestSupport
import Testing

@Suite("JSON that is refused, or flagged")
struct JSONRefusalTests {
  static func read(
    _ bytes: [UInt8], chunk: Int = .max, limits: JSONLimits = JSONLimits()
  ) throws -> [JSONEntry] {
    let reader = JSONEntryReader(MemoryByteSource(bytes, chunk: chunk), limits: limits)
    var entries: [JSONEntry] = []
    while let entry = try reader.next() { entries.append(entry) }
    return entries
  }

  /// Returns the error by which a text is refused, which must be the same for every size of chunk.
  private func refusal(_ text: [UInt8], limits: JSONLimits = JSONLimits()) throws -> JSONError {
    let errors = try [1, 2, 5, 16, 17, .max].map { chunk in
      try #require(throws: JSONError.self) {
        try Self.read(text, chunk: chunk, limits: limits)
      }
    }
    #expect(errors.allSatisfy { $0 == errors[0] }, "\(errors)")
    return errors[0]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let text: [UInt8]
    let reason: JSONError.Reason
    let line: Int
    let column: Int
    let entry: Int?

    init(
      _ text: String, _ reason: JSONError.Reason, _ line: Int, _ column: Int, entry: Int? = 0
    ) {
      // `§xx` stands for one raw byte.
      var bytes: [UInt8] = []
      for (index, part) in text.split(separator: "§", omittingEmptySubsequences: false)
        .enumerated()
      {
        if index > 0 { bytes.append(UInt8(part.prefix(2), radix: 16) ?? 0) }
        bytes += Array((index > 0 ? part.dropFirst(2) : part).utf8)
      }
      self.text = bytes
      self.reason = reason
      self.line = line
      self.column = column
      self.entry = entry
    }

    var testDescription: String { String(decoding: text, as: UTF8.self) }
  }

  static let cases: [Case] = [
    Case("", .endOfText, 1, 1, entry: nil),
    Case("  \n ", .endOfText, 2, 2, entry: nil),
    Case("{}", .wrongRoot(found: .object, expected: .array), 1, 1, entry: nil),
    Case("\n null", .wrongRoot(found: .null, expected: .array), 2, 2, entry: nil),
    Case("gAAAA", .unexpected(byte: 0x67, expected: "'['"), 1, 1, entry: nil),
    Case("[", .endOfText, 1, 2),
    Case("[1]", .entryNotObject(.number), 1, 2),
    Case("[{},\n [] ]", .entryNotObject(.array), 2, 2, entry: 1),
    Case("[{},]", .unexpected(byte: 0x5D, expected: "an object"), 1, 5, entry: 1),
    Case("[,{}]", .unexpected(byte: 0x2C, expected: "an object"), 1, 2),
    Case("[{} {}]", .unexpected(byte: 0x7B, expected: "',' or ']'"), 1, 5, entry: nil),
    Case("[{}] x", .trailingBytes, 1, 6, entry: nil),
    Case("[{}][{}]", .trailingBytes, 1, 5, entry: nil),
    Case("[{}", .endOfText, 1, 4, entry: nil),
    Case("[{\"a\":1,}]", .unexpected(byte: 0x7D, expected: "a key"), 1, 9),
    Case("[{a:1}]", .unexpected(byte: 0x61, expected: "a key or '}'"), 1, 3),
    Case("[{\"a\" 1}]", .unexpected(byte: 0x31, expected: "':'"), 1, 7),
    Case("[{\"a\":}]", .unexpected(byte: 0x7D, expected: "a value"), 1, 7),
    Case("[{\"a\":[1,]}]", .unexpected(byte: 0x5D, expected: "a value"), 1, 10),
    Case("[{\"a\":[1}]", .unexpected(byte: 0x7D, expected: "',' or ']'"), 1, 9),
    Case("[{\"a\":1]", .unexpected(byte: 0x5D, expected: "',' or '}'"), 1, 8),
    Case("[{'a':1}]", .unexpected(byte: 0x27, expected: "a key or '}'"), 1, 3),
    Case("[{\"a\":tru}]", .unexpected(byte: 0x74, expected: "a value"), 1, 7),
    Case("[{\"a\":\"x", .endOfText, 1, 9),
    Case("[{\"a\":\"\\", .endOfText, 1, 8),
    Case("[{\"a\":\"\\u12", .endOfText, 1, 8),
    Case("[{\"a\":\"\\x\"}]", .invalidEscape, 1, 8),
    Case("[{\"a\":\"\\u12g4\"}]", .invalidEscape, 1, 8),
    Case("[{\"a\":\"b\nc\"}]", .controlCharacter(10), 1, 9),
    Case("[{\"a\":\"b§1Fc\"}]", .controlCharacter(31), 1, 9),
    Case("[{\"a\":\"b§FFc\"}]", .invalidUTF8, 1, 9),
    Case("[{\"a\":\"0123456789abcdefghi§C3\"}]", .invalidUTF8, 1, 27),
    Case("[{\"a\":\"é§A9\"}]", .invalidUTF8, 1, 10),
    Case("[{\"a\":\"§C0§80\"}]", .invalidUTF8, 1, 8),
    Case("[{\"a\":\"§ED§A0§80\"}]", .invalidUTF8, 1, 8),
    Case("[{\"a\":\"§F4§90§80§80\"}]", .invalidUTF8, 1, 8),
    Case("[{\"§80\":1}]", .invalidUTF8, 1, 4),
    Case("[{\"a\":\"\\ud800\"}]", .loneSurrogate, 1, 8),
    Case("[{\"a\":\"\\udc00\"}]", .loneSurrogate, 1, 8),
    Case("[{\"a\":\"\\ud800\\u0041\"}]", .loneSurrogate, 1, 8),
    Case("[{\"a\":\"\\ud800\\ud800\"}]", .loneSurrogate, 1, 8),
    Case("[{\"\\udfff\":0}]", .loneSurrogate, 1, 4),
    Case("[{},\n{\"a\":[\"\\u0000\"]}]", .nul, 2, 8, entry: 1),
    Case("[{\"a\":\"x§00\"}]", .nul, 1, 9),
    Case("[{\"a\":§00}]", .unexpected(byte: 0, expected: "a value"), 1, 7),
    Case("[{\"a\":NaN}]", .notFinite("NaN"), 1, 7),
    Case("[{\"a\":Infinity}]", .notFinite("Infinity"), 1, 7),
    Case("[{\"a\":-Infinity}]", .notFinite("-Infinity"), 1, 7),
    Case("[{\"a\":1e999}]", .numberOverflow, 1, 7),
    Case("[{\"a\":[0,-1.8E308]}]", .numberOverflow, 1, 10),
    Case("[{\"a\":01}]", .invalidNumber, 1, 7),
    Case("[{\"a\":1.}]", .invalidNumber, 1, 7),
    Case("[{\"a\":-}]", .invalidNumber, 1, 7),
    Case("[{\"a\":1e}]", .invalidNumber, 1, 7),
    Case("[{\"a\":1e+}]", .invalidNumber, 1, 7),
    Case("[{\"a\":.5}]", .unexpected(byte: 0x2E, expected: "a value"), 1, 7),
    Case("[{\"a\":+5}]", .unexpected(byte: 0x2B, expected: "a value"), 1, 7),
    Case("[{\"a\":1-2}]", .invalidNumber, 1, 7),
    Case("[{\"a\":1e-16384}]", .tooManyDigits, 1, 7),
    Case("[{\"a\":0e-16384}]", .tooManyDigits, 1, 7),
    Case("[{\"a\":-0.0e1073741823}]", .tooManyDigits, 1, 7),
    Case("[{\"a\":1,\n  \"a\":2}]", .duplicateKey, 2, 3),
    Case("[{\"a\":1,\"\\u0061\":2}]", .duplicateKey, 1, 9),
    Case("[{\"x\":[{\"é\":1,\"b\":2,\"é\":3}]}]", .duplicateKey, 1, 22),
    Case("§FF§FE[§00]§00", .wideCharacters, 1, 1, entry: nil),
    Case("[§00{§00", .wideCharacters, 1, 1, entry: nil),
  ]

  @Test("every refusal says what and where", arguments: cases)
  func refused(expected: Case) throws {
    let error = try refusal(expected.text)
    #expect(error.reason == expected.reason)
    #expect(error.position.line == expected.line)
    #expect(error.position.column == expected.column)
    #expect(error.entry == expected.entry)
    let before = expected.text.prefix(error.position.byteOffset)
    #expect(before.filter { $0 == 10 }.count == expected.line - 1)
  }

  @Test("a byte order mark is passed over")
  func byteOrderMark() throws {
    for chunk in [1, 2, 3, .max] {
      let entries = try Self.read(Array("\u{FEFF} [{\"a\":1}]\n".utf8), chunk: chunk)
      #expect(entries.map(\.position.byteOffset) == [5])
    }
  }

  @Test("repeated keys are found in large objects too", arguments: [31, 32, 33, 34, 500])
  func largeObject(count: Int) throws {
    for place in [0, count / 2, count - 1] {
      let keys = (0..<count).map { "\"k\($0)\":{\"k0\":0}" }
      let text = "[{" + keys.joined(separator: ",")
      #expect(try Self.read(Array((text + "}]").utf8)).first?.members.count == count)
      let error = try refusal(Array((text + ",\"k\(place)\":0}]").utf8))
      #expect(error.reason == .duplicateKey)
      #expect(error.position.byteOffset == text.utf8.count + 1)
    }
  }

  @Test("nesting ends at the limit, and no depth ends the process")
  func nesting() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      func text(_ levels: Int) -> [UInt8] {
        // The braces of the entry are the first level.
        let inner = String(repeating: open, count: levels - 1) + "0"
        return Array(("[{\"a\":" + inner + String(repeating: close, count: levels - 1) + "}]").utf8)
      }
      #expect(try Self.read(text(1_000)).count == 1)
      let error = try refusal(text(1_001))
      #expect(error.reason == .tooDeep(limit: 1_000))
      #expect(error.position.byteOffset == 6 + 999 * open.utf8.count)
      #expect(throws: JSONError.self) { try Self.read(text(100_000)) }
    }
  }

  @Test("digits end at what numeric holds; integers below keep every one")
  func digits() throws {
    let most = String(repeating: "9", count: 131_072)
    let entry = try #require(try Self.read(Array("[{\"a\":\(most)}]".utf8)).first)
    let member = try #require(entry.member(named: "a"))
    #expect(entry.bytes[member.value].elementsEqual(most.utf8))
    #expect(try refusal(Array("[{\"a\":9\(most)}]".utf8)).reason == .tooManyDigits)
    let fraction = "0." + String(repeating: "0", count: 16_383)
    #expect(try Self.read(Array("[{\"a\":\(fraction)}]".utf8)).count == 1)
    #expect(try refusal(Array("[{\"a\":\(fraction)0}]".utf8)).reason == .tooManyDigits)
    #expect(try Self.read(Array("[{\"a\":1.7976931348623158e308}]".utf8)).count == 1)
    #expect(
      try refusal(Array("[{\"a\":1.7976931348623159e308}]".utf8)).reason == .numberOverflow)
  }

  @Test("negative zeros are flagged where they stand")
  func negativeZeros() throws {
    let text = "[{\"a\":[-0, 0, -0.0,\n -0e9, -1, -0.5, -10]}]"
    let entry = try #require(try Self.read(Array(text.utf8)).first)
    #expect(entry.negativeZeros.count == 3)
    #expect(entry.negativeZeros.positions.map(\.column) == [8, 15, 2])
    #expect(entry.negativeZeros.positions.map(\.line) == [1, 1, 2])
  }

  @Test("U+0000 is stored as visible text where that is asked for, and listed")
  func escapedNUL() throws {
    var limits = JSONLimits()
    limits.escapesUnstorable = true
    let text = Array("[{\"a\\u0000\":\"x".utf8) + [0] + Array(#"y\u0000\\u0000\"z","b":1}]"#.utf8)
    for chunk in [1, 3, .max] {
      let entry = try #require(try Self.read(text, chunk: chunk, limits: limits).first)
      #expect(entry.escapedCharacters.count == 3)
      #expect(entry.escapedCharacters.positions.map(\.byteOffset) == [4, 14, 16])
      let member = try #require(entry.member(named: #"a\u0000"#))
      #expect(entry.string(of: member) == #"x\u0000y\u0000\u0000"z"#)
      #expect(entry.member(named: "b")?.kind == .number)
    }
    let clash = Array(#"[{"a\u0000":1,"a\\u0000":2}]"#.utf8)
    let error = try refusal(clash, limits: limits)
    #expect(error.reason == .duplicateKey)
  }

  @Test(
    "lone surrogates are stored as visible text where that is asked for, and listed",
    arguments: [
      (#"\ud800"#, #"\ud800"#, [7]), (#"\uDC00x"#, #"\uDC00x"#, [7]),
      (#"\ud83d\ude00"#, "\u{1F600}", []), (#"\ud83d\ud83d\ude00"#, "\\ud83d\u{1F600}", [7]),
      (#"\ude00\ud83d"#, #"\ude00\ud83d"#, [7, 13]), (#"\\ud800"#, #"\ud800"#, []),
      (#"\\\ud800"#, #"\\ud800"#, [9]), (#"\ud800\u0041"#, #"\ud800A"#, [7]),
      (#"\ud800\\udc00"#, #"\ud800\udc00"#, [7]),
    ])
  func escapedSurrogates(_ content: String, _ shown: String, _ places: [Int]) throws {
    var limits = JSONLimits()
    limits.escapesUnstorable = true
    let text = Array("[{\"a\":\"\(content)\"}]".utf8)
    for chunk in [1, 3, .max] {
      let entry = try #require(try Self.read(text, chunk: chunk, limits: limits).first)
      #expect(entry.escapedCharacters.positions.map(\.byteOffset) == places)
      let member = try #require(entry.member(named: "a"))
      #expect(entry.string(of: member) == shown)
    }
  }

  @Test("descriptions name place, cause and remedy")
  func descriptions() throws {
    let error = try refusal(Array("[{},\n{\"a\":\"\\u0000\"}]".utf8))
    #expect(
      error.description
        == "entry 1, line 2, column 7 (byte 11): U+0000 in a string, which PostgreSQL cannot "
        + "store; remove the character, or use --escape-nul to store it as the visible text \\u0000"
    )
    for refused in Self.cases {
      #expect(try refusal(refused.text).description.count > 20)
    }
  }
}
