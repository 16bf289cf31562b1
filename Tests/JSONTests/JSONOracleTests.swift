import Digests
import Foundation
import JSON
import TestSupport
import Testing

/// Tests that CPython and the reader agree on every text that was damaged at random.
@Suite("JSON, with CPython as the judge", .needsPython)
struct JSONOracleTests {
  private static let batch = Oracle.isFullRun ? 5_000 : 2_000

  /// A script that parses texts with CPython, and also refuses what the reader refuses by its
  /// documentation.
  private static let judge = #"""
    import hashlib, json, re, sys
    sys.set_int_max_str_digits(0)
    class Refused(Exception): pass
    def word(name): raise Refused
    def real(text):
        whole, _, exponent = text.lower().partition("e")
        fraction = whole.partition(".")[2]
        exponent = int(exponent or 0)
        if len(fraction) - exponent > 16383 or exponent > 1073741822 or float(text) in (float("inf"), float("-inf")):
            raise Refused
        return float(text)
    def pairs(members):
        if len({key for key, _ in members}) < len(members): raise Refused
        return Members(members)
    class Members(list): pass
    def check(value, depth):
        if isinstance(value, str):
            value.encode()
            if "\0" in value: raise Refused
        elif isinstance(value, list):
            if depth > 1000: raise Refused
            for item in value:
                if isinstance(value, Members):
                    check(item[0], depth)
                    item = item[1]
                check(item, depth + 1)
    def kind(value):
        if isinstance(value, Members): return b"0"
        if isinstance(value, list): return b"1"
        if isinstance(value, str): return b"2"
        if isinstance(value, bool): return b"4"
        return b"5" if value is None else b"3"
    def verdict(data):
        try:
            text = data.decode("utf-8").removeprefix("\ufeff")
            entries = json.loads(text, object_pairs_hook=pairs, parse_constant=word, parse_float=real)
            if isinstance(entries, Members) or not isinstance(entries, list): raise Refused
            digest = hashlib.sha256()
            for entry in entries:
                if not isinstance(entry, Members): raise Refused
                check(entry, 1)
                digest.update(b"{")
                for key, value in entry:
                    digest.update(key.encode() + b"\0" + kind(value))
                    if isinstance(value, str): digest.update(value.encode() + b"\0")
            return digest.hexdigest()
        except (Refused, ValueError, RecursionError):
            return "refused"
    data = sys.stdin.buffer.read()
    start = 0
    while start < len(data):
        end = start + 4 + int.from_bytes(data[start:start + 4], "big")
        print(verdict(data[start + 4:end]))
        start = end
    """#

  @Test("accepted and refused alike, and what is accepted reads alike")
  func agreement() throws {
    let rounds = Oracle.isFullRun ? 40 : 1
    var (accepted, refused) = (0, 0)
    for seed in 0..<UInt64(rounds) {
      var random = SeededGenerator(seed: seed)
      let texts = (0..<Self.batch).map { _ in Self.damaged(&random) }
      var input = Data()
      for text in texts {
        withUnsafeBytes(of: UInt32(text.count).bigEndian) { input.append(contentsOf: $0) }
        input.append(contentsOf: text)
      }
      let verdicts = try Oracle.run(Self.judge, input: input).text.split(separator: "\n")
      try #require(verdicts.count == texts.count)
      for (text, expected) in zip(texts, verdicts) {
        let chunk = Bool.random(using: &random) ? .max : Int.random(in: 1...40, using: &random)
        let found = try Self.verdict(text, chunk: chunk)
        #expect(found == expected, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        if expected == "refused" { refused += 1 } else { accepted += 1 }
      }
    }
    #expect(min(accepted, refused) > Self.batch / 10 * rounds, "\(accepted) \(refused)")
  }

  private static func verdict(_ text: [UInt8], chunk: Int) throws -> String {
    let hasher = try SHA256()
    do {
      for entry in try JSONRefusalTests.read(text, chunk: chunk) {
        try hasher.update(Array("{".utf8))
        for member in entry.members {
          try hasher.update(Array(entry.key(of: member).utf8))
          try hasher.update([0, UInt8(ascii: "0") + member.kind.rawValue])
          if let string = entry.string(of: member) { try hasher.update(Array(string.utf8) + [0]) }
        }
      }
      return try hasher.finish().description
    } catch is JSONError {
      return "refused"
    }
  }

  // MARK: Texts

  private static let pieces: [[UInt8]] =
    [
      ",", ":", "[", "]", "{", "}", "\"", "\\", "\\u0000", "\\ud83d", "\\ude00", "NaN",
      "Infinity", "-", "-0", "1e999", "1e-400", "01", ".", "e", "null", "\u{FEFF}", "é", "\n", " ",
      "\"a\":1,", "{\"a\":1}", "/", "\u{2028}", "0x1", "'",
    ].map { Array($0.utf8) } + [[0], [0x1F], [0x7F], [0x80], [0xC3], [0xED, 0xA0, 0x80], [0xFF]]

  private static func damaged(_ random: inout SeededGenerator) -> [UInt8] {
    let entries = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      RandomJSON.object(depth: 3, &random).text(&random)
    }
    var text = Array(("[" + entries.joined(separator: ", ") + "]").utf8)
    for _ in 0..<Int.random(in: 0...2, using: &random) where !text.isEmpty {
      let place = Int.random(in: 0..<text.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: text[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: text.remove(at: place)
      case 2: text.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      case 3: text.removeLast(text.count - place)
      default:
        let end = min(text.count, place + Int.random(in: 1...30, using: &random))
        text.insert(contentsOf: text[place..<end], at: place)
      }
    }
    return text
  }
}
