import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite("Damaged stores")
struct DamageTests {
  private func reference() throws -> StoreMaker {
    let entries = (0..<6).map {
      #"{"id": "doc_\#($0)", "text": "Grüße \#($0)", "timestamp": "2024-01-0\#($0 + 1)T00:00:00"}"#
    }
    return try StoreMaker().write(
      rows: (0..<6).map { [Double($0) + 0.5, -1, 2] }, json: "[\(entries.joined(separator: ","))]")
  }

  @Test(
    "a file that was cut short anywhere is refused", arguments: ["vectors.pkl", "metadata.json"])
  func truncated(name: String) throws {
    let maker = try reference()
    let place = URL(fileURLWithPath: "\(try maker.found().path)/\(name)")
    let whole = try Data(contentsOf: place)
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: place)
      for allowMismatch in [false, true] {
        let refusal = try maker.refusal(ReadOptions(allowMismatch: allowMismatch))
        #expect(refusal?.file == place.path, "\(length) bytes")
        #expect(refusal?.description.isEmpty == false)
      }
    }
  }

  @Test("flipped bits never shift a text to another vector, and never crash")
  func flipped() throws {
    let seed: UInt64 = 20_250_112
    var generator = SeededGenerator(seed: seed)
    let maker = try reference()
    let folder = try maker.found().path
    let clean = try maker.reader().all()
    for round in 0..<(Oracle.isFullRun ? 10_000 : 600) {
      let name = round % 2 == 0 ? "vectors.pkl" : "metadata.json"
      let place = URL(fileURLWithPath: "\(folder)/\(name)")
      let whole = try Data(contentsOf: place)
      var bad = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let byte = Int.random(in: 0..<bad.count, using: &generator)
        bad[byte] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      try bad.write(to: place)
      // Where a damaged file is accepted, the parts of documents from the other file are unchanged.
      if let all = try? maker.reader().all() {
        #expect(all.count == 6, "seed \(seed), round \(round)")
        for (found, expected) in zip(all, clean) {
          if round % 2 == 0 {
            #expect(found.document == expected.document, "seed \(seed), round \(round)")
          } else {
            #expect(found.vector == expected.vector, "seed \(seed), round \(round)")
          }
        }
      }
      try whole.write(to: place)
    }
  }
}
