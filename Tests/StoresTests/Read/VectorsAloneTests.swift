import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite("Vectors without their texts")
struct VectorsAloneTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let vectors: Int
    let entries: Int
    /// The positions of the entries that have no text.
    var withoutText: Set<Int> = []
    var testDescription: String { what }
  }

  private static let cases = [
    Case(what: "one for each text", vectors: 7, entries: 7),
    Case(what: "a single one", vectors: 1, entries: 1),
    Case(what: "left-over vectors", vectors: 9, entries: 4),
    Case(what: "left-over entries", vectors: 4, entries: 9),
    Case(what: "entries without text", vectors: 5, entries: 5, withoutText: [0, 3]),
    Case(what: "vectors and no entries", vectors: 3, entries: 0),
    Case(what: "entries and no vectors", vectors: 0, entries: 3),
    Case(what: "an empty store", vectors: 0, entries: 0),
  ]

  private static func row(_ index: Int) -> [Double] { [Double(index) + 0.5, -Double(index), 1] }

  @Test(
    "they are the rows of the joined reader in its order, however many are read at a time",
    arguments: cases)
  private func sameRows(_ test: Case) throws {
    let entries = (0..<test.entries).map { index in
      test.withoutText.contains(index) ? "{}" : #"{"id": "\#(index)", "text": "t"}"#
    }
    let maker = try StoreMaker().write(
      rows: (0..<test.vectors).map(Self.row), json: "[\(entries.joined(separator: ","))]")
    let reader = try maker.reader(ReadOptions(allowMismatch: true))
    try reader.compareVectorsAlone()
    #expect(reader.vectors.count == min(test.vectors, test.entries))
  }

  @Test("a store's file alone has all vectors, for nothing tells which of them have a text")
  func fileAlone() throws {
    let maker = try StoreMaker().write(
      rows: (0..<5).map(Self.row), json: #"[{"text": "a"}, {"text": "b"}]"#)
    let vectors = try StoreVectors(of: try maker.found())
    var rows: [Float] = []
    try vectors.read(2..<5, into: &rows)
    #expect(vectors.count == 5 && vectors.dimensions == 3)
    #expect(rows == (2..<5).flatMap { Self.row($0).map(Float.init) })
  }

  @Test("a NaN is refused, and so is a store that changes while its vectors are read")
  func refusals() throws {
    let json = #"[{"text": "a"}, {"text": "b"}]"#
    let broken = try StoreMaker().write(rows: [[1], [.nan]], json: json).reader()
    let refusal = #expect(throws: StoreError.self) {
      try broken.vectors.forEachBatch(limit: 1) { _, _ in }
    }
    #expect(refusal?.kind == .notFinite && refusal?.place == "row 1, position 0")
    for file in ["vectors.pkl", "metadata.json"] {
      let maker = try StoreMaker().write(rows: [[1], [2]], json: json)
      let reader = try maker.reader()
      let change = #expect(throws: StoreError.self) {
        try reader.vectors.forEachBatch(limit: 1) { _, positions in
          guard positions.lowerBound == 0 else { return }
          let handle = try FileHandle(forWritingTo: URL(filePath: "\(reader.store.path)/\(file)"))
          try handle.seekToEnd()
          try handle.write(contentsOf: Data(" ".utf8))
          try handle.close()
        }
      }
      #expect(change?.kind == .changed && change?.file.hasSuffix(file) == true)
    }
  }
}

extension StoreReader {
  /// Reads documents, and between them the vectors alone, and compares the vectors.
  func compareVectorsAlone() throws {
    rewind()
    let joined = try all(limit: 2).map(\.vector)
    for limit in [1, 2, 3, 100] {
      rewind()
      var batch = DocumentBatch()
      let begun = try next(&batch, limit: 1) ? 1 : 0
      var alone: [[Float]] = []
      try vectors.forEachBatch(limit: limit) { rows, positions in
        #expect(positions.lowerBound == alone.count && (1...limit).contains(positions.count))
        #expect(rows.count == positions.count * dimensions)
        for start in stride(from: 0, to: rows.count, by: max(1, dimensions)) {
          alone.append(Array(rows[start..<start + dimensions]))
        }
      }
      #expect(alone == joined)
      #expect(try all(limit: 2).map(\.vector) == Array(joined.dropFirst(begun)))
    }
    #expect(vectors.count == documentCount && vectors.dimensions == dimensions)
  }
}
