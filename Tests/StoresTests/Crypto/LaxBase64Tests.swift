import Foundation
import Stores
import TestSupport
import Testing

@Suite("LaxBase64Decoder")
struct LaxBase64Tests {
  typealias Reading = LaxBase64Decoder.Reading

  private func decode(_ text: [UInt8], _ reading: Reading, chunk: Int) -> [UInt8]? {
    var decoder = LaxBase64Decoder(reading)
    var output: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: chunk) {
      let part = Array(text[start..<min(start + chunk, text.count)])
      part.withUnsafeBytes { decoder.decode($0, to: &output) }
    }
    return (try? decoder.finish()) == nil ? nil : output
  }

  /// Texts, each with the bytes that older and newer versions of Python decode; nil where they
  /// raise an error.
  static let table: [(String, older: [UInt8]?, newer: [UInt8]?)] = [
    ("", [], []), ("YQ==", [0x61], [0x61]), ("YWI=", [0x61, 0x62], [0x61, 0x62]),
    ("YWJj", [0x61, 0x62, 0x63], [0x61, 0x62, 0x63]), ("YQ", nil, nil), ("YQ=", nil, nil),
    ("Y", nil, nil), ("Y===", nil, nil), ("====", [], []), ("!!!", [], []),
    (" Y\nQ %=é= ", [0x61], [0x61]),
    ("ab==c", [0x69], nil), ("ab==cd", [0x69], [0x69, 0xB7, 0x1D]),
    ("abc=d", [0x69, 0xB7], [0x69, 0xB7, 0x1D]), ("ab==c=", [0x69], [0x69, 0xB7]),
    ("ab=c=", [0x69, 0xB7], [0x69, 0xB7]), ("YWJj=", [0x61, 0x62, 0x63], [0x61, 0x62, 0x63]),
    ("-_+/", [0xFB, 0xFF, 0xBF], [0xFB, 0xFF, 0xBF]),
  ]

  @Test("the known oddities, in parts of any size")
  func known() {
    for (text, older, newer) in Self.table {
      for chunk in 1...5 {
        #expect(decode(Array(text.utf8), .upToPadding, chunk: chunk) == older, "\(text)")
        #expect(decode(Array(text.utf8), .throughPadding, chunk: chunk) == newer, "\(text)")
      }
    }
  }

  @Test(
    "random texts decode as Python decodes them",
    .needsPython)
  func oracle() throws {
    let script = """
      import base64, sys
      print(base64.urlsafe_b64decode(b"ab==cd").hex())
      for line in sys.stdin:
          try: print("=" + base64.urlsafe_b64decode(bytes.fromhex(line)).hex())
          except ValueError: print("refused")
      """
    let seed: UInt64 = 64
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("ABCDwxyz0189-_+/==== \n%\r.é".utf8)
    let texts = (0..<(Oracle.isFullRun ? 200_000 : 5_000)).map { _ in
      (0..<Int.random(in: 0...24, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
    }
    let input = texts.map { hexadecimal($0) + "\n" }.joined()
    let lines = try Oracle.run(script, input: Data(input.utf8)).text.split(separator: "\n")
    try #require(lines.count == texts.count + 1)
    let reading: Reading = lines[0] == "69" ? .upToPadding : .throughPadding
    for (text, line) in zip(texts, lines.dropFirst()) {
      let chunk = Int.random(in: 1...24, using: &random)
      let found = decode(text, reading, chunk: chunk).map { "=" + hexadecimal($0) } ?? "refused"
      #expect(found == line, "seed \(seed): \(text)")
    }
  }
}

/// Returns bytes as hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
