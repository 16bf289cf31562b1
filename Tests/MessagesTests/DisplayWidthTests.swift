import Testing

@testable import Messages

@Suite("Text is as wide as a terminal shows it")
struct DisplayWidthTests {
  @Test(arguments: [
    ("a", 1), ("", 0), ("é", 1), ("e\u{301}", 1), ("用", 2), ("ｱ", 1), ("Ａ", 2), ("한", 2), ("👍", 2),
    ("👩\u{200D}💻", 2), ("❤", 1), ("❤\u{FE0F}", 2), ("✅", 2), ("→", 1), ("…", 1), ("\u{301}", 0),
    ("🇩🇪", 2), ("\u{200B}", 0), ("𠀀", 2), ("～", 2),
  ])
  func width(_ text: String, _ columns: Int) { #expect(text.displayWidth == columns) }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("用户用户", 4, "用…"), ("用户", 4, "用户"),
    ("abc", 1, "…"), ("abc", 0, ""), ("", 0, ""),
  ])
  func trimming(_ text: String, _ width: Int, _ kept: String) {
    #expect(text.trimmed(to: width) == kept)
    #expect(Message(trusted: text).trimmed(to: width).plain == kept)
  }

  @Test("A message of several styles is cut across them")
  func styles() {
    let message: Message = "\("ab", .bold)\("cd", .red)\("ef", .dim)"
    for width in 0...6 {
      let cut = message.trimmed(to: width)
      #expect(cut.plain == "abcdef".trimmed(to: width))
    }
    #expect(Palette.coloured.render(message.trimmed(to: 4)).contains("\u{1B}[31mc…\u{1B}[0m"))
  }
}
