import Files
import Stores
import TestSupport
import Testing

@Suite("Entries")
struct EntryTests {
  /// Returns the documents of entries, each with a vector of its own.
  private func documents(
    _ json: String, count: Int = 1, _ options: ReadOptions = ReadOptions()
  ) throws -> (documents: [Document], findings: [String]) {
    let maker = try StoreMaker().write(
      rows: [[Double]](repeating: [1], count: count), json: "[\(json)]")
    let reader = try maker.reader(options)
    return (try reader.all().map(\.document), reader.findings.map { "\($0)" })
  }

  @Test(
    "the text is the first of its names that is a string and not empty; all else is metadata",
    arguments: [
      (#"{"text": "a"}"#, "a", "{}"),
      (#"{"page_content": "a"}"#, "a", "{}"),
      (#"{"content": "a"}"#, "a", "{}"),
      (
        #"{"content": "c", "page_content": "b", "text": "a"}"#, "a",
        #"{"content":"c","page_content":"b"}"#
      ),
      (#"{"text": "", "page_content": "b"}"#, "b", #"{"text":""}"#),
      (#"{"text": null, "content": "c"}"#, "c", #"{"text":null}"#),
      (#"{"text": 5, "content": "c"}"#, "c", #"{"text":5}"#),
      (#"{"text": ["a"], "page_content": "b"}"#, "b", #"{"text":["a"]}"#),
      (#"{"text": "a", "content": "a"}"#, "a", "{}"),
      (#"{"text": "é", "content": "\u00e9"}"#, "é", "{}"),
      (
        "{\"text\": \"\u{E9}\", \"content\": \"e\u{301}\"}", "\u{E9}",
        "{\"content\":\"e\u{301}\"}"
      ),
      (#"{"te\u0078t": "a\n\"b\" \ud83d\ude00"}"#, "a\n\"b\" 😀", "{}"),
      (#"{"text": " "}"#, " ", "{}"),
      (#"{"Text": "no", "text": "a"}"#, "a", #"{"Text":"no"}"#),
      (
        #"{"text": "a", "n": 1.50, "big": 12345678901234567890123, "e": 1E+2 }"#, "a",
        #"{"n":1.50,"big":12345678901234567890123,"e":1E+2}"#
      ),
      (
        #"{"text": "a", "o": {"id": 1, "text": [1, {"b": null}]}, "z": [ ]}"#, "a",
        #"{"o":{"id": 1, "text": [1, {"b": null}]},"z":[ ]}"#
      ),
      (#"{"id": "x", "text": "a", "timestamp": null}"#, "a", #"{"timestamp":null}"#),
      (
        #"{"text": "a", "updated_at": "2024-01-01T00:00:00"}"#, "a",
        #"{"updated_at":"2024-01-01T00:00:00"}"#
      ),
    ])
  func text(entry: String, text: String, metadata: String) throws {
    let document = try #require(try documents(entry).documents.first)
    #expect(Array(document.text.utf8) == Array(text.utf8))
    #expect(String(decoding: document.metadata, as: UTF8.self).utf8.elementsEqual(metadata.utf8))
  }

  @Test(
    "an entry without text is refused, or kept whole with an empty one",
    arguments: [
      "{}", #"{"text": ""}"#, #"{"text": null}"#, #"{"text": 5}"#, #"{"text": ["a"]}"#,
      #"{"text": "", "page_content": "", "content": ""}"#, #"{"body": "a"}"#,
    ])
  func withoutText(entry: String) throws {
    let error = #expect(throws: StoreError.self) { try documents(entry) }
    #expect(error?.kind == .text && error?.place == "entry 0")
    let kept = try documents(entry, ReadOptions(allowMismatch: true)).documents.first
    #expect(kept?.text == "")
    let words = kept.map { String(decoding: $0.metadata, as: UTF8.self) } ?? "nothing"
    #expect(words.filter { $0 != " " } == entry.filter { $0 != " " })
  }

  @Test("an id may be missing, a string or a number")
  func ids() throws {
    let entries = [
      (#""id": "doc_1", "#, "doc_1"), (#""id": "", "#, ""), (#""id": 7, "#, "7"),
      (#""id": 1.0, "#, "1.0"), (#""id": null, "#, nil), ("", nil), (#""\u0069d": "x", "#, "x"),
    ]
    for (member, expected) in entries {
      let document = try documents("{\(member)\"text\": \"a\"}").documents.first
      #expect(document?.sourceID == expected, "\(member)")
      #expect(document.map { String(decoding: $0.metadata, as: UTF8.self) } == "{}")
    }
    for value in ["true", "[]", "{}", "[1]"] {
      let error = #expect(throws: StoreError.self) {
        try documents(#"{"id": "a", "text": "x"}, {"text": "a", "id": \#(value)}"#, count: 2)
      }
      #expect(error?.kind == .metadata && error?.place?.hasPrefix("entry 1, line 1") == true)
    }
  }

  @Test("repeated ids are told apart by their order, and found again when the store has grown")
  func repeated() throws {
    let entries =
      ["a", "b", "a", "7", "a"].map { #"{"id": "\#($0)", "text": "t"}"# } + [
        #"{"id": 7, "text": "t"}"#, #"{"text": "t"}"#, #"{"text": "t"}"#,
      ]
    let (all, findings) = try documents(entries.joined(separator: ","), count: 8)
    #expect(Set(all.map(\.id)).count == 8)
    #expect(findings == ["3 repeated ids, each row kept: entry 2, 4–5"])
    for count in 1..<8 {
      let some = try documents(entries.prefix(count).joined(separator: ","), count: count).documents
      #expect(some.map(\.id) == all.prefix(count).map(\.id))
    }
    // A document with an id that does not repeat has the identity with ordinal 0.
    var identity = DocumentIdentity(of: StoreName(user: "alice", collection: "notes"))
    #expect(all[1].id == (try identity.id(sourceID: "b", ordinal: 0)))
    #expect(all[4].id == (try identity.id(sourceID: "a", ordinal: 2)))
    #expect(all[7].id == (try identity.id(sourceID: nil, ordinal: 1)))
  }

  @Test("ids that repeat are found among thousands, however short the entries are")
  func thousands() throws {
    let ids = Array(0..<5_000) + [0, 2_500, 4_999]
    let json = ids.map { #"{"id":\#($0)}"# }.joined(separator: ",")
    let (all, findings) = try documents(json, count: ids.count, ReadOptions(allowMismatch: true))
    #expect(findings.last == "3 repeated ids, each row kept: entry 5000–5002")
    #expect(Set(all.map(\.id)).count == ids.count)
  }

  @Test("a timestamp becomes created_at where it is understood, and stays where it is not")
  func timestamps() throws {
    let cases: [(String, Int64?, String, [String])] = [
      (#""2000-01-01T00:00:01""#, 1_000_000, "{}", []),
      (#""2000-01-01T00:00:01.000001+00:00""#, 1_000_001, "{}", []),
      (
        #""2000-01-01T00:00:01.0000011""#, 1_000_001,
        #"{"timestamp":"2000-01-01T00:00:01.0000011"}"#,
        ["1 timestamp finer than a microsecond, also kept in the metadata: entry 0"]
      ),
      (
        #""yesterday""#, nil, #"{"timestamp":"yesterday"}"#,
        ["1 timestamp not understood, kept in the metadata: entry 0"]
      ),
      (
        "1709294096.25", nil, #"{"timestamp":1709294096.25}"#,
        ["1 timestamp not understood, kept in the metadata: entry 0"]
      ),
      ("null", nil, #"{"timestamp":null}"#, []),
      ("\"\"", nil, #"{"timestamp":""}"#, []),
      (
        "\" \"", nil, #"{"timestamp":" "}"#,
        ["1 timestamp not understood, kept in the metadata: entry 0"]
      ),
    ]
    for (value, createdAt, metadata, expected) in cases {
      let (all, findings) = try documents(#"{"text": "a", "timestamp": \#(value)}"#)
      #expect(all.first?.createdAt == createdAt, "\(value)")
      #expect(all.first.map { String(decoding: $0.metadata, as: UTF8.self) } == metadata)
      #expect(findings == expected)
    }
  }

  @Test("U+0000 is refused with its place, or stored as visible text and listed")
  func nul() throws {
    let entries = #"{"text": "a"}, {"text": "b\u0000c", "k": "\u0000"}"#
    let error = #expect(throws: StoreError.self) { try documents(entries, count: 2) }
    #expect(error?.place?.hasPrefix("entry 1, line 1") == true)
    #expect(error?.description.contains("--escape-nul") == true)
    let (all, findings) = try documents(entries, count: 2, ReadOptions(escapeNUL: true))
    #expect(all[1].text == #"b\u0000c"#)
    #expect(String(decoding: all[1].metadata, as: UTF8.self) == #"{"k":"\\u0000"}"#)
    #expect(
      findings == [
        "1 with U+0000 or half a surrogate pair, stored as the visible text of the escape: entry 1"
      ])
  }

  @Test(
    "what is no array of objects that PostgreSQL can store is refused with its place",
    arguments: [
      ("", "metadata.json"), ("{}", "metadata.json"), ("[", "metadata.json"),
      (#"[{"text": "a"}"#, "metadata.json"), (#"[{"text": "a"},]"#, "metadata.json"),
      (#"[{"text": "a"}] x"#, "metadata.json"), ("[1]", "entry 0"), ("[null]", "entry 0"),
      (#"[{"text": "a"}, []]"#, "entry 1"), (#"[{"text": "a", "n": NaN}]"#, "entry 0"),
      (#"[{"text": "a", "n": 1e999}]"#, "entry 0"),
      (#"[{"text": "a", "n": -Infinity}]"#, "entry 0"),
      (#"[{"text": "\ud800"}]"#, "entry 0"), (#"[{"text": "a", "text": "b"}]"#, "entry 0"),
      ("[{\"text\": \"\n\"}]", "entry 0"),
      ("[{\"text\": \"a\", \"d\": \(String(repeating: "[", count: 100_000))}]", "entry 0"),
    ])
  func broken(json: String, place: String) throws {
    let maker = try StoreMaker().write(rows: [[1]], json: json)
    let error = try maker.refusal()
    #expect(error?.kind == .metadata || error?.kind == .encryption)
    #expect(error?.description.contains(place) == true, "\(error?.description ?? "accepted")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test("a number -0 is listed, for jsonb does not keep its sign")
  func negativeZero() throws {
    let (_, findings) = try documents(#"{"text": "a", "n": [-0, -0.0]}"#)
    #expect(findings == ["1 with a number -0, which jsonb stores as 0: entry 0"])
  }
}
