import Stores
import Testing

@testable import Ledger

struct NamePatternTests {
  @Test(arguments: [
    ("ann", "ann", true), ("ann", "anna", false), ("ann*", "ann", true), ("ann*", "anna", true),
    ("*", "", true), ("*", "anything", true), ("?", "", false), ("?", "é", true),
    ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false), ("*b", "ab-ab", true),
    ("**", "x", true), ("a?c", "abc", true), ("a?c", "ac", false), ("é", "e\u{301}", false),
    ("a\\*", "a*", true), ("a\\*", "ab", false), ("a\\?", "ab", false), ("a\\\\b", "a\\b", true),
    ("a\\", "a\\", true), ("", "", true), ("", "a", false),
    ("*a*a*a*a*b", "aaaaaaaaaaaaaaaa", false),
  ])
  func `a pattern stands for names`(pattern: String, name: String, matches: Bool) {
    #expect(NamePattern(pattern).matches(name) == matches)
  }

  @Test func `only a wildcard makes it stand for several names`() {
    #expect(["ann", "a\\*", "a\\?b", ""].allSatisfy { !NamePattern($0).hasWildcard })
    #expect(["*", "a?", "\\**"].allSatisfy { NamePattern($0).hasWildcard })
  }

  @Test(arguments: [
    ("ann", "ann"), ("a*b?", "a%b_"), ("50%_\\*", "50\\%\\_*"), ("a\\\\", "a\\\\"),
  ])
  func `LIKE has the same pattern`(pattern: String, like: String) {
    #expect(NamePattern(pattern).like == like)
  }

  @Test func `a name that is a pattern for others is refused`() throws {
    let names: Set = [
      StoreName(user: "a*", collection: "notes"), StoreName(user: "ab", collection: "notes"),
    ]
    var selection = StoreSelection()
    selection.users = ["a*"]
    let failure = #expect(throws: Failure.self) { try selection.refuseUnmatched(among: names) }
    #expect(failure?.reason == "--user a* is a name, and a pattern for 2 names")
    selection.users = ["a\\*"]
    try selection.refuseUnmatched(among: names)
    #expect(names.filter(selection.includes).map(\.user) == ["a*"])
    selection.users = ["ab"]
    try selection.refuseUnmatched(among: names)
  }
}
