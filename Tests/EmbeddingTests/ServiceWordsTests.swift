import Testing

@testable import Embedding

/// Tests the texts of a service as they are shown in messages.
struct ServiceWordsTests {
  private static let key = "sk-fake-0123456789-not-a-key"

  private func shown(_ words: String, texts: [String] = []) -> String {
    ServiceWords(key: APIKey(Self.key), texts: texts).shown(words)
  }

  @Test func `a key is masked, whole or in part`() {
    for words in [
      "wrong key: \(Self.key).", "wrong key: sk-fak***********-key", "x\(Self.key)x",
      "key \"sk-fake-01\"",
    ] {
      let shown = shown(words)
      #expect(!shown.contains("fak") && shown.contains("<secret>"), "\(shown)")
    }
  }

  @Test func `words that quote a text are left out`() {
    let text = "The tide turns at a quarter past nine in the harbour."
    #expect(shown("bad input: 'turns at a quarter'", texts: ["x", text]).contains("left out"))
    #expect(shown("bad input: 'mouse'", texts: ["mouse"]).contains("left out"))
    #expect(shown("bad input: turns at nine", texts: [text]) == "bad input: turns at nine")
  }

  @Test func `words are short, and on one line`() {
    #expect(shown("a\nb\u{1B}[31m\u{202E}c\u{2028}d") == "a b [31m c d")
    #expect(shown(String(repeating: "é", count: 500)).count == 201)
  }

  @Test func `a message of megabytes is looked at as far as it could be shown`() {
    // Comparing the whole text would take seconds, and gigabytes for the longest answer that is
    // accepted.
    let text = "The tide turns at a quarter past nine in the harbour."
    for (letters, isQuoted) in [(4_000, true), (4_100, false), (2_000_000, false)] {
      let shown = shown(String(repeating: "x", count: letters) + text, texts: [text])
      #expect(shown.contains("left out") == isQuoted && (isQuoted || shown.count == 201))
    }
    // A key that this cuts into two parts must not be shown either.
    for blanks in 16_300..<16_384 where blanks.isMultiple(of: 7) {
      let words = String(repeating: " ", count: blanks) + Self.key
      #expect(!self.shown(words).contains("fak"), "\(blanks)")
    }
  }
}
