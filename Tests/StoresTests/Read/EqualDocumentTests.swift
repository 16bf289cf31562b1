import Files
import Foundation
import Stores
import TestSupport
import Testing

/// Tests that equal vectors and texts within a store are counted, and that the store is read as
/// before.
@Suite("Equal documents")
struct EqualDocumentTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let rows: [[Double]]
    /// The texts as JSON; nil for an entry without a text.
    let texts: [String?]
    /// The number of different vectors, texts and documents.
    let distinct: [Int]
    var findings: [String] = []
    var testDescription: String { what }
  }

  private static let cases = [
    Case(what: "no documents", rows: [], texts: [], distinct: [0, 0, 0]),
    Case(what: "a single one", rows: [[1]], texts: ["a"], distinct: [1, 1, 1]),
    Case(
      what: "none equal", rows: [[1, 2], [2, 1], [1, -2]], texts: ["a", "b", "A"],
      distinct: [3, 3, 3]),
    Case(
      what: "one equal", rows: [[1], [1]], texts: ["a", "a"], distinct: [1, 1, 1],
      findings: [
        "1 of 2 documents has the text and the vector of an earlier one (1 distinct): "
          + "entries 0 and 1"
      ]),
    Case(
      what: "some equal", rows: [[1], [2], [3], [2], [1], [2]],
      texts: ["a", "b", "c", "b", "a", "b"], distinct: [3, 3, 3],
      findings: [
        "3 of 6 documents have the text and the vector of an earlier one (3 distinct): "
          + "for example entries 1 and 3"
      ]),
    Case(
      what: "all equal", rows: [[1, 2], [1, 2], [1, 2]], texts: ["a", "a", "a"],
      distinct: [1, 1, 1],
      findings: [
        "2 of 3 documents have the text and the vector of an earlier one (1 distinct): "
          + "for example entries 0 and 1"
      ]),
    Case(
      what: "equal vectors with different texts", rows: [[1], [2], [1], [1]],
      texts: ["a", "b", "c", "d"], distinct: [2, 4, 4],
      findings: [
        "2 of 4 vectors are equal to an earlier one (2 distinct), each with another text: "
          + "for example rows 0 and 2"
      ]),
    Case(
      what: "equal texts with different vectors", rows: [[1], [2], [3]], texts: ["a", "b", "a"],
      distinct: [3, 2, 3],
      findings: [
        "1 of 3 texts is equal to an earlier one (2 distinct), with another vector: entries 0 and 2"
      ]),
    Case(
      what: "equal pairs, and a text with another vector", rows: [[1], [1], [2]],
      texts: ["a", "a", "a"], distinct: [2, 1, 2],
      findings: [
        "1 of 3 vectors is equal to an earlier one (2 distinct), with the same text: rows 0 and 1",
        "2 of 3 texts are equal to an earlier one (1 distinct), 1 with another vector: "
          + "entries 0 and 2",
      ]),
    Case(
      what: "everything mixed", rows: [[1], [1], [1], [2], [1], [2]],
      texts: ["a", "a", "b", "a", "b", "b"], distinct: [2, 2, 4],
      findings: [
        "4 of 6 vectors are equal to an earlier one (2 distinct), 2 with another text: "
          + "for example rows 0 and 2",
        "4 of 6 texts are equal to an earlier one (2 distinct), 2 with another vector: "
          + "for example entries 0 and 3",
      ]),
    Case(
      what: "zeros, with either sign", rows: [[0, 0], [-0.0, 0], [0, -0.0], [0, 1]],
      texts: ["a", "b", "c", "d"], distinct: [2, 4, 4],
      findings: [
        "2 of 4 vectors are equal to an earlier one (2 distinct), each with another text: "
          + "for example rows 0 and 1"
      ]),
    Case(
      what: "a negative zero among other numbers", rows: [[3, 2], [-0.0, 2], [0, 2], [0, -2]],
      texts: ["a", "b", "c", "d"], distinct: [3, 4, 4],
      findings: [
        "1 of 4 vectors is equal to an earlier one (3 distinct), with another text: rows 1 and 2"
      ]),
    Case(
      what: "numbers that differ in their last bit, or only beyond Float32",
      rows: [[1, 1], [1 + 0x1p-23, 1], [1 + 0x1p-30, 1], [1e-45, 1], [-1e-45, 1]],
      texts: ["a", "b", "c", "d", "e"], distinct: [4, 5, 5],
      findings: [
        "1 of 5 vectors is equal to an earlier one (4 distinct), with another text: rows 0 and 2"
      ]),
    Case(
      what: "texts of other bytes or another spelling", rows: [[1], [2], [3], [4], [5]],
      texts: ["\u{E9}", "e\u{301}", #"\u00e9"#, "\u{E9} ", #"\u0065\u0301"#], distinct: [5, 3, 5],
      findings: [
        "2 of 5 texts are equal to an earlier one (3 distinct), each with another vector: "
          + "for example entries 0 and 2"
      ]),
    Case(
      what: "vectors without an entry are not counted", rows: [[1], [2], [1]], texts: ["a", "b"],
      distinct: [2, 2, 2]),
    Case(
      what: "entries without a vector are not counted", rows: [[1], [2]], texts: ["a", "b", "a"],
      distinct: [2, 2, 2]),
    Case(
      what: "entries without text have equal ones", rows: [[1], [2], [1]], texts: ["a", nil, nil],
      distinct: [2, 2, 3],
      findings: [
        "1 of 3 vectors is equal to an earlier one (2 distinct), with another text: rows 0 and 2",
        "1 of 3 texts is equal to an earlier one (2 distinct), with another vector: "
          + "entries 1 and 2",
      ]),
  ]

  private func reader(_ rows: [[Double]], _ texts: [String?]) throws -> StoreReader {
    let entries = texts.map { text in text.map { #"{"text": "\#($0)"}"# } ?? "{}" }
    let maker = try StoreMaker().write(rows: rows, json: "[\(entries.joined(separator: ","))]")
    return try maker.reader(ReadOptions(allowMismatch: true))
  }

  @Test("they are counted once, whether checked or read, in batches of any size", arguments: cases)
  private func counts(_ test: Case) throws {
    for limit in [0, 1, 2, 100] {
      let reader = try reader(test.rows, test.texts)
      for _ in 0..<2 {
        if limit == 0 {
          try reader.check()
        } else {
          #expect(try reader.all(limit: limit).count == reader.documentCount)
        }
        let equal = try #require(reader.equalDocuments)
        #expect(equal.documents == reader.documentCount)
        #expect(
          [equal.distinctVectors, equal.distinctTexts, equal.distinctDocuments] == test.distinct)
        #expect(equal.findings == test.findings)
        reader.rewind()
      }
    }
  }

  @Test("nothing is said until the last vector was read, in however many attempts")
  func unfinished() throws {
    let reader = try reader([[1], [1], [1], [1]], ["a", "a", "a", "a"])
    var batch = DocumentBatch()
    for count in 1...3 {
      reader.rewind()
      #expect(try reader.next(&batch, limit: count))
      #expect(reader.equalDocuments == nil)
    }
    reader.rewind()
    for _ in 0..<2 { #expect(try reader.next(&batch, limit: 2)) }
    #expect(reader.equalDocuments?.distinctDocuments == 1)
    #expect(reader.equalDocuments?.documents == 4)
  }

  @Test("the counts are those of sets, among thousands of documents and in long values")
  func many() throws {
    let seed: UInt64 = 20_260_301
    var generator = SeededGenerator(seed: seed)
    for round in 0..<6 {
      let count = 3000
      let kinds = [3, 40, 900, 5000][round % 4]
      // In some rounds, the texts are longer than the part that is hashed at once.
      let filler = String(repeating: "long ", count: round < 4 ? 0 : 14_000)
      let keys = (0..<(round < 4 ? count : 60)).map { _ in
        (
          Int.random(in: 0..<kinds, using: &generator), Int.random(in: 0..<kinds, using: &generator)
        )
      }
      let reader = try reader(
        keys.map { [Double($0.0), 1, 2] }, keys.map { "\(filler)\($0.1)" })
      try reader.check()
      let equal = try #require(reader.equalDocuments)
      #expect(equal.distinctVectors == Set(keys.map(\.0)).count, "seed \(seed), round \(round)")
      #expect(equal.distinctTexts == Set(keys.map(\.1)).count, "seed \(seed), round \(round)")
      #expect(
        equal.distinctDocuments == Set(keys.map { "\($0)" }).count, "seed \(seed), round \(round)")
    }
  }
}
