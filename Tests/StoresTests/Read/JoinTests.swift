import Files
import Stores
import TestSupport
import Testing

@Suite("The join of vectors and entries")
struct JoinTests {
  /// A case of vectors and entries that must be paired.
  private struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let vectors: Int
    /// The entries' texts; nil for an entry without a text.
    let texts: [String?]
    /// Words of the refusal; nil where the store is accepted without an option.
    let refusal: String?
    var findings: [String] = []
    var testDescription: String { what }
  }

  private static let cases = [
    Case(what: "as many as there should be", vectors: 2, texts: ["a", "b"], refusal: nil),
    Case(
      what: "one vector more", vectors: 3, texts: ["a", "b"],
      refusal: "3 vectors but 2 metadata entries",
      findings: ["left out 1 vector without an entry: row 2"]),
    Case(
      what: "one entry more", vectors: 1, texts: ["a", "b"],
      refusal: "1 vector but 2 metadata entries",
      findings: ["left out 1 entry without a vector: entry 1"]),
    Case(
      what: "no vectors", vectors: 0, texts: ["a", "b", "c"], refusal: "0 vectors but 3",
      findings: ["left out 3 entries without a vector: entry 0–2"]),
    Case(
      what: "no entries", vectors: 3, texts: [], refusal: "3 vectors but 0",
      findings: ["left out 3 vectors without an entry: row 0–2"]),
    Case(
      what: "a first entry without text", vectors: 3, texts: [nil, "b", "c"],
      refusal: "entry 0: 1 entry has no text; add the text, or use --allow-mismatch",
      findings: ["kept 1 that have no text, with an empty text: entry 0"]),
    Case(
      what: "entries without text in the middle", vectors: 5, texts: ["a", nil, nil, "d", nil],
      refusal: "entry 1–2, 4: 3 entries have no text",
      findings: ["kept 3 that have no text, with an empty text: entry 1–2, 4"]),
    Case(
      what: "an entry without text behind the last vector", vectors: 1, texts: ["a", nil],
      refusal: "1 vector but 2", findings: ["left out 1 entry without a vector: entry 1"]),
    Case(
      what: "more of them than are listed", vectors: 60,
      texts: (0..<60).map { $0 % 2 == 0 ? nil : "t" }, refusal: "36, 38 and 10 more",
      findings: [
        "kept 30 that have no text, with an empty text: entry "
          + stride(from: 0, to: 40, by: 2).map(String.init).joined(separator: ", ")
          + " and 10 more"
      ]),
  ]

  @Test("vector i belongs to entry i; what does not pair is refused, or listed", arguments: cases)
  private func join(_ test: Case) throws {
    let entries = test.texts.enumerated().map { index, text in
      text.map { #"{"id": "\#(index)", "text": "\#($0)"}"# } ?? #"{"id": "\#(index)"}"#
    }
    let maker = try StoreMaker().write(
      rows: (0..<test.vectors).map { [Double($0 + 1)] },
      json: "[\(entries.joined(separator: ","))]")
    let refusal = try maker.refusal()
    if let expected = test.refusal {
      #expect(refusal?.description.contains(expected) == true, "\(refusal?.description ?? "none")")
    } else {
      #expect(refusal == nil)
    }
    let reader = try maker.reader(ReadOptions(allowMismatch: true))
    let common = min(test.vectors, test.texts.count)
    #expect(reader.documentCount == common)
    #expect(reader.vectorCount == test.vectors && reader.entryCount == test.texts.count)
    let all = try reader.all()
    #expect(all.map(\.vector) == (0..<common).map { [Float($0 + 1)] })
    #expect(all.map(\.document.sourceID) == (0..<common).map(String.init))
    #expect(all.map(\.document.text) == test.texts.prefix(common).map { $0 ?? "" })
    #expect(reader.findings.map { "\($0)" } == test.findings)
    #expect(reader.findings.allSatisfy { $0.isLoss })
  }

  @Test("rows that pgvector cannot hold are refused with their place")
  func rows() throws {
    let cases: [([[Double]], StoreError.Kind, String)] = [
      ([[1, 2], [1, 2], [1]], .dimensions, "row 2: has 1 dimensions, row 0 has 2"),
      ([[1], [1, 2]], .dimensions, "row 1: has 2 dimensions, row 0 has 1"),
      ([[1, 2], []], .vectors, "row 1"),
      ([[], []], .vectors, "row 0"),
      ([[Double](repeating: 1, count: 16_001)], .dimensions, "16001 dimensions"),
      ([[1, 2], [3, .nan]], .notFinite, "row 1, position 1: "),
      ([[.infinity, 2]], .notFinite, "row 0, position 0: "),
      ([[1], [-.infinity]], .notFinite, "row 1, position 0: "),
      ([[1e39]], .notFinite, "row 0, position 0: "),
      // The number is the largest Float32 and half a unit in the last place, which is rounded to
      // infinity.
      ([[Double(Float.greatestFiniteMagnitude) + 0x1p103]], .notFinite, "row 0, position 0: "),
      ([[1], [1e-30]], .length, "row 1: the vector's length is 1e-30, and pgvector cannot"),
      ([[1e-45]], .length, "of lengths below 2.7755576e-17; divide the row's numbers"),
      ([[0, 0], [0, 1], [3e19, 4e19]], .length, "row 2: the vector's length is 5e+19"),
      ([[Double(Float.greatestFiniteMagnitude)]], .length, "of lengths above 3.6028797e+16"),
    ]
    for (rows, kind, place) in cases {
      let entries = rows.indices.map { #"{"id": "\#($0)", "text": "t"}"# }
      let maker = try StoreMaker().write(rows: rows, json: "[\(entries.joined(separator: ","))]")
      for options in [ReadOptions(), ReadOptions(allowMismatch: true, escapeNUL: true)] {
        let refusal = try maker.refusal(options)
        #expect(refusal?.kind == kind, "\(place)")
        #expect(refusal?.file.hasSuffix("/vectors.pkl") == true)
        #expect(refusal?.description.contains(place) == true, "\(refusal?.description ?? "")")
        #expect(refusal?.remedy.isEmpty == false || kind == .vectors)
      }
    }
    let wide = try StoreMaker().write(
      rows: [[Double](repeating: 1, count: 16_000)], json: #"[{"text": "t"}]"#)
    #expect(try wide.reader().all().first?.vector.count == 16_000)
  }
}
