import Testing

@testable import Report

@Suite struct EscapingTests {
  private static let hostile = [
    "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onclick='alert(1)", "a & b",
    "</title></style><img src=x onerror=alert(1)>", "\u{202E}gpj.exe", "line\nbreak\u{0}",
    "<!--", "]]>", "javascript:alert(1)",
  ]

  @Test(arguments: hostile) func `no name becomes a part of HTML`(name: String) throws {
    let harmless = HTMLPage(SamplePage(written: 2, failing: 2).page).text
    let text = HTMLPage(SamplePage(written: 2, failing: 2, firstUser: name).page).text
    for sign in ["<", ">", "\"", "'"] {
      let expected = harmless.split(separator: sign, omittingEmptySubsequences: false).count
      let found = text.split(separator: sign, omittingEmptySubsequences: false).count
      #expect(found == expected, "\(sign) of \(name)")
    }
    #expect(!text.unicodeScalars.contains("\u{202E}") && !text.unicodeScalars.contains("\u{0}"))
  }

  @Test(arguments: [
    ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"), ("été 日本", "été 日本"), ("a\tb", "a\\tb"), ("", ""),
  ])
  func `values are escaped for texts and attributes`(value: String, text: String) {
    let piece: HTML = "<i>\(value)</i>"
    #expect(piece.text == "<i>\(text)</i>")
  }

  @Test func `numbers and pieces are taken as they are`() {
    let inner: HTML = "<b>\(7)</b>"
    let outer: HTML = "<p>\(inner)</p>"
    #expect(outer.text == "<p><b>7</b></p>")
    #expect([inner, inner].joined().text == "<b>7</b><b>7</b>")
  }

  @Test(arguments: [
    ("[a](http://b)", "\\[a\\]\\(http\\://b\\)"), ("a|b", "a\\|b"), ("<img>", "\\<img\\>"),
    ("- item", "\\- item"), ("www.b.example", "www\\.b.example"), ("a\nb", "a\\\\nb"),
    ("# head", "\\# head"), ("été 日本", "été 日本"), ("me@b.example", "me\\@b.example"),
  ])
  func `no value begins a part of Markdown`(value: String, text: String) {
    let piece: Markdown = "\(value)"
    #expect(piece.text == text)
  }

  @Test(arguments: [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("a|b", "`a\\|b`")])
  func `code keeps its backticks`(value: String, text: String) {
    #expect(Markdown.code(value).text == text)
  }
}
