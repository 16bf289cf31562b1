import Testing

@testable import Arguments

@Suite("A page of help is broken into lines")
struct HelpPageTests {
  @Test(
    "Text breaks at spaces only, and none is lost",
    arguments: [
      ("", 10, []), ("one", 10, ["one"]), ("one two", 7, ["one two"]),
      ("one two", 6, ["one", "two"]),
      ("longer-than-the-line x", 5, ["longer-than-the-line", "x"]), ("  a   b ", 3, ["a b"]),
      ("日本 語", 5, ["日本", "語"]),
    ])
  func wrapping(_ text: String, _ width: Int, _ lines: [String]) {
    #expect(wrapped(text, to: width) == lines)
  }
}
