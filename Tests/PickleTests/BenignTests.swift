import Foundation
import TestSupport
import Testing

@testable import Pickle

/// Tests that every valid pickle is read, and that every number has the same bits as NumPy's.
@Suite struct BenignTests {
  /// Checks the pickles that one interpreter writes; returns their number.
  private func check(python: String, seed: Int, count: Int) throws -> Int {
    let outcome = try TestSupport.run(
      python, ["\(Oracle.repository)/Scripts/make-benign-pickles.py", "\(seed)", "\(count)"])
    try #require(outcome.status == 0, "\(outcome.errorText)")
    var reader = RecordReader(outcome.output)
    var checked = 0
    while !reader.isAtEnd {
      let name = "seed \(seed), " + String(decoding: try reader.block(), as: UTF8.self)
      let bytes = try reader.block()
      let expected = try reader.matrix()
      compare(bytes, expected, name)
      checked += 1
    }
    return checked
  }

  private func compare(_ bytes: [UInt8], _ expected: Matrix, _ name: String) {
    do {
      #expect(try decode(bytes) == expected, "\(name)")
      #expect(try decode(bytes, takesRuns: false) == expected, "\(name), without runs")
      if let once = try convertedAtOnce(bytes, room: expected.bits.count + 9) {
        #expect(once == expected, "\(name), in one pass")
      }
      let rows = try PickledRows(source: PickleBytes(bytes))
      for row in (0..<rows.rowCount).reversed().prefix(3) {
        let wanted = expected.bits[row * expected.columns..<(row + 1) * expected.columns]
        #expect(try rows.bits(of: row..<row + 1)[...] == wanted, "\(name), row \(row)")
      }
      let peek = try PickledRows.peek(source: PickleBytes(bytes))
      if let width = peek.width { #expect(width == expected.columns, "\(name), peek") }
      if let count = peek.count { #expect(count == expected.rows, "\(name), peek") }
    } catch {
      Issue.record("\(name): \(error)")
    }
  }

  @Test(.needsPython)
  func `What this CPython and NumPy write is read bit for bit`() throws {
    let python = try #require(Oracle.python)
    let count = Oracle.isFullRun ? 5000 : 250
    #expect(try check(python: python, seed: 20_250_112, count: count) == count)
  }

  @Test(.longForm)
  func `What other Pythons and NumPys write is read bit for bit`() throws {
    let made = try TestSupport.run("\(Oracle.repository)/Scripts/oracles.sh")
    print(made.errorText)
    let pythons = made.text.split(separator: "\n").map(String.init)
    try #require(!pythons.isEmpty, "no other interpreter is installed")
    for (index, python) in pythons.enumerated() {
      let version = try TestSupport.run(
        python, ["-c", "import sys, numpy; print(sys.version.split()[0], numpy.__version__)"])
      let count = try check(python: python, seed: 1000 + index, count: 1000)
      print("Python and NumPy \(version.text.trimmingCharacters(in: .newlines)): \(count) pickles")
    }
  }
}
