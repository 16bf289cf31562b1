import JSON
import Testing

@Suite("JSONEntryReader")
struct JSONEntryReaderTests {
  private func entries(_ text: String, chunk: Int = .max) throws -> [JSONEntry] {
    let reader = JSONEntryReader(MemoryByteSource(Array(text.utf8), chunk: chunk))
    var entries: [JSONEntry] = []
    while let entry = try reader.next() { entries.append(entry) }
    return entries
  }

  @Test("entries come in order, split into members whose values are verbatim")
  func splits() throws {
    let text = """
      [
        {"id": "doc_0_1", "text": "Grüße \\"an\\" alle\\n", "n": 1.50, "deep": {"a": [1, {"b": null}]}},
        {}, {"\\u0069d": true}
      ]
      """
    for chunk in [1, 2, 3, 7, 64, .max] {
      let all = try entries(text, chunk: chunk)
      #expect(all.count == 3)
      #expect(all[0].members.map { all[0].key(of: $0) } == ["id", "text", "n", "deep"])
      let member = try #require(all[0].member(named: "text"))
      #expect(all[0].string(of: member) == "Grüße \"an\" alle\n")
      let deep = try #require(all[0].member(named: "deep"))
      #expect(
        String(decoding: all[0].bytes[deep.value], as: UTF8.self) == #"{"a": [1, {"b": null}]}"#)
      #expect(all[1].members.isEmpty)
      #expect(all[2].member(named: "id")?.kind == .boolean)
      #expect(all[2].index == 2)
    }
  }
}
