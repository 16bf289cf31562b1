import TestSupport
import Testing

@testable import Messages

@Suite("Names from elsewhere cannot command a terminal")
struct SanitisedTests {
  @Test(arguments: [
    ("alice", "alice"), ("", ""), ("josé", "josé"), ("用户", "用户"), ("a b", "a b"),
    (#"a\nb"#, #"a\nb"#), ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("a\tb", #"a\tb"#),
    ("\u{1B}[31mred", #"\u{1b}[31mred"#), ("bell\u{7}", #"bell\u{7}"#), ("\u{0}", #"\u{0}"#),
    ("del\u{7F}", #"del\u{7f}"#), ("\u{9B}31m", #"\u{9b}31m"#), ("\u{85}", #"\u{85}"#),
    ("\u{202E}txt.exe", #"\u{202e}txt.exe"#), ("\u{2066}a\u{2069}", #"\u{2066}a\u{2069}"#),
    ("\u{2028}", #"\u{2028}"#), ("a\u{200B}b", #"a\u{200b}b"#), ("\u{FEFF}a", #"\u{feff}a"#),
    ("\u{E0041}", #"\u{e0041}"#), ("می\u{200C}خواهم", "می\u{200C}خواهم"),
    ("👩\u{200D}💻", "👩\u{200D}💻"), ("e\u{301}", "e\u{301}"),
  ])
  func table(_ text: String, _ safe: String) {
    #expect(Array(sanitised(text).unicodeScalars) == Array(safe.unicodeScalars))
  }

  @Test("Whatever goes in, no control character comes out, and a second time changes nothing")
  func everyScalar() {
    // All scalars up to U+3000, from U+E000 to U+10000 and from U+E0000 to U+E0200, and a sample of
    // the other scalars.
    let scalars = Array(0...0x3000) + Array(0xE000...0x10000) + Array(0xE0000...0xE0200)
    for value in scalars + Array(stride(from: 0x3001, through: 0x10FFFF, by: 251)) {
      guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
      let safe = sanitised("a\(Character(scalar))")
      let categories = safe.unicodeScalars.map(\.properties.generalCategory)
      let isClean = categories.allSatisfy {
        $0 != .control && $0 != .lineSeparator && $0 != .paragraphSeparator
      }
      if !isClean || sanitised(safe) != safe { Issue.record("U+\(String(value, radix: 16))") }
    }
  }

  @Test("A message keeps its own text, and makes what is put into it harmless")
  func interpolation() {
    let name = "a\u{1B}[2J\nb"
    let message: Message = "one\ntwo \(name) \("x\ny", .red) \(3) \(Message(name.prefix(2)))"
    #expect(message.plain == #"one\#ntwo a\u{1b}[2J\nb x\ny 3 a\u{1b}"#)
    #expect(Palette.plain.render(message) == message.plain)
    #expect(Palette.coloured.render(message).contains("\u{1B}[31mx\\ny\u{1B}[0m"))
  }

  @Test("Joining and adding keep order and style")
  func joining() {
    let parts: [Message] = ["a", "\("b", .bold)", ""]
    #expect(parts.joined(separator: ", ").plain == "a, b, ")
    #expect([Message]().joined(separator: ", ").isEmpty)
    #expect(Palette.coloured.render(parts[0] + parts[1]) == "a\u{1B}[1mb\u{1B}[0m")
    #expect(Palette.coloured.render("\("", .red)") == "")
  }
}
