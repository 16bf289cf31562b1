import Foundation
import Stores
import TestSupport
import Testing

@Suite("StoreReader")
struct StoreReaderTests {
  @Test("every document has its own vector, whatever the size of the batches")
  func pairs() throws {
    let rows = (0..<10).map { [Double($0), 1, 2] }
    let entries = (0..<10).map { #"{"id": "doc_\#($0)", "text": "text \#($0)", "n": \#($0)}"# }
    let maker = try StoreMaker().write(rows: rows, json: "[\(entries.joined(separator: ", "))]")
    for limit in [1, 3, 10, 1000] {
      let reader = try maker.reader()
      #expect(reader.vectorCount == 10 && reader.entryCount == 10 && reader.documentCount == 10)
      #expect(reader.dimensions == 3 && !reader.isEncrypted && reader.findings.isEmpty)
      let all = try reader.all(limit: limit)
      #expect(all.map(\.document.position) == Array(0..<10))
      for (index, (document, vector)) in all.enumerated() {
        #expect(vector == [Float(index), 1, 2])
        #expect(document.text == "text \(index)")
        #expect(document.sourceID == "doc_\(index)")
        #expect(String(decoding: document.metadata, as: UTF8.self) == #"{"n":\#(index)}"#)
        #expect(document.createdAt == nil)
      }
    }
  }
}
