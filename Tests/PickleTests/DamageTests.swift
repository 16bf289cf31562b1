import Foundation
import TestSupport
import Testing

@testable import Pickle

/// Tests that damaged files are refused, or are read exactly as CPython reads them.
@Suite(.needsPython)
struct DamageTests {
  /// Small stores, one for each way in which numbers are written.
  static let stores = [
    "[[0.25, -1.5, 3.0], [1.0, 2.0, 4.0]]",
    "((0.25, -1.5, 3.0, 7), (1.0, 2.0, 4.0, 70000))",
    "[np.array([0.25, -1.5, 3.0], 'f4'), np.array([1.0, 2.0, 4.0], 'f4')]",
    "np.array([[0.25, -1.5], [1.0, 2.0], [5.0, 6.0]], '>f8')",
    "np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], 'i2'))",
    "[[np.float32(0.25), np.float32(-1.5)], [np.float64(1.0), 2.0]]",
    "[[0.5, 1.5]] * 3",
  ]

  /// Returns all stores as pickles of one protocol, made by one run of Python.
  private func pickles(_ protocol: Int) throws -> [[UInt8]] {
    let script = """
      import pickle, struct, sys, numpy as np
      for store in [\(Self.stores.joined(separator: ", "))]:
        data = pickle.dumps(store, \(`protocol`))
        sys.stdout.buffer.write(struct.pack('<I', len(data)) + data)
      """
    var reader = RecordReader(try Oracle.run(script).output)
    return try Self.stores.map { _ in try reader.block() }
  }

  @Test func `Every prefix of a store is refused`() throws {
    let all = try [pickles(0), pickles(2), pickles(4), pickles(5)]
    for (number, expression) in Self.stores.enumerated() {
      let bytes = all[number % all.count][number]
      _ = try decode(bytes)
      for length in 0..<bytes.count {
        let error = refusal(Array(bytes[..<length]))
        #expect(error != nil, "\(expression) cut to \(length) bytes")
      }
    }
  }

  @Test(arguments: 0...5)
  func `Flipped bits are refused or read as CPython reads them`(`protocol`: Int) throws {
    let seed: UInt64 = 42 + UInt64(`protocol`)
    var generator = SeededGenerator(seed: seed)
    var damaged: [[UInt8]] = []
    let originals = try pickles(`protocol`)
    for _ in 0..<(Oracle.isFullRun ? 20_000 : 900) {
      var bytes = originals[Int.random(in: 0..<originals.count, using: &generator)]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        mutate(&bytes, using: &generator)
      }
      damaged.append(bytes)
    }
    let references = try Oracle.matrices(damaged)
    var accepted = 0
    for (bytes, reference) in zip(damaged, references) {
      let dump = bytes.map { hexadecimal($0) }.joined()
      let ours = matrix(bytes)
      #expect(ours == matrix(bytes, takesRuns: false), "both ways, seed \(seed): \(dump)")
      guard let ours else { continue }
      if let once = try convertedAtOnce(bytes, room: 4096) { #expect(once == ours, "\(dump)") }
      accepted += 1
      #expect(ours == reference, "seed \(seed): \(dump)")
    }
    // Many flips hit the digits of a number, so some files must have been read.
    #expect(accepted > 0 && accepted < damaged.count)
  }

  private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 1: bytes[place] = Opcode.allCases.randomElement(using: &generator)?.rawValue ?? 0
    case 2: bytes.insert(bytes[place], at: place)
    case 3 where bytes.count > 1: bytes.remove(at: place)
    default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    }
  }

  private func matrix(_ bytes: [UInt8], takesRuns: Bool = true) -> Matrix? {
    guard
      let rows = try? PickledRows(
        source: PickleBytes(bytes), limits: PickleLimits(), takesRuns: takesRuns)
    else { return nil }
    guard rows.rowCount > 0 else { return Matrix(rows: 0, columns: 0, bits: []) }
    guard let width = rows.uniformWidth,
      let bits = try? rows.bits(of: 0..<rows.rowCount)
    else { return nil }
    return Matrix(rows: rows.rowCount, columns: width, bits: bits)
  }
}
