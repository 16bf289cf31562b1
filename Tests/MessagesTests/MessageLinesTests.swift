import Testing

@testable import Messages

/// Tests the breaking of messages into lines.
struct MessageLinesTests {
  private func lines(_ message: Message, _ width: Int) -> [String] {
    message.lines(width: width).map(\.plain)
  }

  @Test func `lines break at spaces, and later ones are indented further`() {
    #expect(
      lines("  Remedy: run it again, with the option", 20) == [
        "  Remedy: run it", "    again, with the", "    option",
      ])
    #expect(lines("short  with  spaces", 20) == ["short  with  spaces"])
  }

  @Test func `a word that is too long stays whole, so that it can be copied`() {
    #expect(
      lines("in /a/very/long/path/of/a/folder there", 10) == [
        "in", "  /a/very/long/path/of/a/folder", "  there",
      ])
  }

  @Test func `styles stay with their words, and no word is lost in any width`() {
    let message: Message = "\("error:", .red) one two \("three four", .bold) five"
    for width in 1...40 {
      let lines = message.lines(width: width)
      let words = lines.flatMap { $0.plain.split(separator: " ") }
      #expect(words == ["error:", "one", "two", "three", "four", "five"], "\(width)")
      let red = lines.flatMap(\.spans).filter { $0.style == .red }.map(\.text)
      #expect(red == ["error:"], "\(width)")
    }
  }
}
