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

  @Test(arguments: ["ann", "a*", "a?b", "a\\b", "\\*", ""])
  func `an escaped name matches itself alone`(name: String) {
    let pattern = NamePattern(NamePattern.escaped(name))
    #expect(pattern.matches(name))
    #expect(!pattern.matches(name + "b") && !pattern.matches(name.filter { $0 != "\\" } + "x"))
  }

  @Test func `a name that is a pattern for others is refused`() throws {
    let names: Set = [
      StoreName(user: "a*", collection: "notes"), StoreName(user: "ab", collection: "notes"),
    ]
    var selection = StoreSelection()
    selection.users = ["a*"]
    let failure = #expect(throws: Failure.self) { try selection.refuseUnmatched(among: names) }
    #expect(failure?.reason == "--user a* is a name, and a pattern for 2 names")
    selection.users = []
    selection.excluded = ["a*/notes"]
    #expect(throws: Failure.self) { try selection.refuseUnmatched(among: names) }
    selection.excluded = []
    selection.users = ["a\\*"]
    try selection.refuseUnmatched(among: names)
    #expect(names.filter(selection.includes).map(\.user) == ["a*"])
    selection.users = ["ab"]
    try selection.refuseUnmatched(among: names)
  }

  /// A backslash in a name would choose another store.
  @Test func `a name with a backslash is refused where it stands for another one`() throws {
    var names: Set = [
      StoreName(user: "a\\b", collection: "notes"), StoreName(user: "ab", collection: "notes"),
    ]
    var selection = StoreSelection()
    selection.users = ["a\\b"]
    let failure = #expect(throws: Failure.self) { try selection.refuseUnmatched(among: names) }
    #expect(failure?.reason == "--user a\\b is a name, and a pattern for another name")
    names.remove(StoreName(user: "ab", collection: "notes"))
    #expect(throws: Failure.self) { try selection.refuseUnmatched(among: names) }
    selection.users = [NamePattern.escaped("a\\b")]
    try selection.refuseUnmatched(among: names)
    #expect(names.filter(selection.includes).map(\.user) == ["a\\b"])
  }
}
