import TestSupport
import Testing

@testable import Arguments

@Suite("What was probably meant is found")
struct SuggestionTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "abc", 3), ("same", "same", 0), ("dry-rnu", "dry-run", 1),
    ("ab", "ba", 1), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("ca", "abc", 3),
    ("mirgate", "migrate", 1), ("é", "e", 1),
  ])
  func distance(_ a: String, _ b: String, _ edits: Int) {
    #expect(Suggestion.distance(a, b) == edits)
    #expect(Suggestion.distance(b, a) == edits)
  }

  @Test("The distance is symmetric, at most the longer word, and zero for equal words only")
  func properties() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    func word() -> String {
      String(
        (0..<Int.random(in: 0...8, using: &generator)).map { _ in
          "abc".randomElement(using: &generator) ?? "a"
        })
    }
    for _ in 0..<2_000 {
      let (a, b) = (word(), word())
      let edits = Suggestion.distance(a, b)
      #expect(edits == Suggestion.distance(b, a), "seed \(seed)")
      #expect(edits <= max(a.count, b.count), "seed \(seed)")
      #expect((edits == 0) == (a == b), "seed \(seed)")
      #expect(edits >= abs(a.count - b.count), "seed \(seed)")
    }
  }

  @Test("At most three are named, and none where nothing is near")
  func few() {
    #expect(Suggestion.nearest(to: "x1", among: ["x2", "x3", "x4", "x5"]).count == 3)
    #expect(Suggestion.nearest(to: "frobnicate", among: ["migrate", "scan"]).isEmpty)
    #expect(Suggestion.nearest(to: "--", among: ["--user"]).isEmpty)
    #expect(Suggestion.nearest(to: "x", among: ["y"]).isEmpty)
  }
}
