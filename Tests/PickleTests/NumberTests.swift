import Foundation
import TestSupport
import Testing

@testable import Pickle

@Suite struct NumberTests {
  @Test(arguments: [
    ("0", 0.0), ("-1", -1), ("1.5", 1.5), ("1e5", 100_000), ("1.5e-3", 0.0015), ("-0.0", -0.0),
    ("4.9e-324", .leastNonzeroMagnitude), ("1.7976931348623157e+308", 1.7976931348623157e308),
    ("1.", 1),
    ("0.1", 0.1), ("2.2250738585072011e-308", Double(bitPattern: 0x000F_FFFF_FFFF_FFFF)),
  ])
  func `Float lines are read as Python reads them`(text: String, value: Double) throws {
    let number = try #require(Number(floatLine: Array(text.utf8)))
    #expect(number.double.bitPattern == value.bitPattern)
  }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1e+", "0x1p3", "1_0", " 1", "1 ", "+1", "--1", "infinity", "1e999",
    "1.5.5", "1\0", "NaN",
  ])
  func `What is no float line is refused`(text: String) {
    #expect(Number(floatLine: Array(text.utf8)) == nil)
  }

  @Test(arguments: ["", "-", "+1", "01", "0x10", "1_0", "1.0", " 1", "1L", "1e3", "--1"])
  func `What is no integer line is refused`(text: String) {
    #expect(Number(integerLine: Array(text.utf8)) == nil)
  }

  @Test(
    arguments: [
      ([], 0), ([0], 0), ([1], 1), ([0xFF], -1), ([0x80], -128), ([0, 0x80], -32768),
      ([0xFF, 0], 255), ([0, 0, 0, 0, 0, 0, 0, 0, 0], 0),
      ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], Int.max),
      ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], -1),
      ([0, 0, 0, 0, 0, 0, 0, 0x80], Int.min), ([0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF], Int.min),
      ([1, 0, 0, 0, 0, 0, 0, 0x80], Int.min + 1),
    ] as [([UInt8], Int)])
  func `Two's complement integers keep every digit up to 64 bits`(bytes: [UInt8], value: Int) {
    #expect(Number(twosComplement: bytes) == .python(value))
  }

  @Test(.needsPython)
  func `Large integers become the double that Python gives`() throws {
    var generator = SeededGenerator(seed: 99)
    var values: [[UInt8]] = []
    for _ in 0..<2000 {
      var bytes = (0..<Int.random(in: 8...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      // Long sequences of equal bits make numbers halfway between two representable numbers.
      if Bool.random(using: &generator) {
        let fill: UInt8 = Bool.random(using: &generator) ? 0 : 0xFF
        for index in 0..<Int.random(in: 0..<bytes.count, using: &generator) { bytes[index] = fill }
      }
      values.append(bytes)
    }
    let script = """
      import sys
      for line in sys.stdin:
        b = bytes.fromhex(line.strip())
        print(float(int.from_bytes(b, 'little', signed=True)).hex())
      """
    let input = values.map { $0.map { hexadecimal($0) }.joined() }.joined(separator: "\n")
    let lines = try Oracle.run(script, input: Data(input.utf8)).text.split(separator: "\n")
    #expect(lines.count == values.count)
    for (bytes, line) in zip(values, lines) {
      #expect(Number(twosComplement: bytes).double == Double(line), "seed 99: \(bytes)")
    }
  }

  @Test func `Every half-precision number widens exactly`() {
    for bits in UInt16.min...UInt16.max {
      let wanted = Float(Float16(bitPattern: bits))
      let got = halfPrecision(bits)
      #expect(got.bitPattern == wanted.bitPattern || (got.isNaN && wanted.isNaN), "\(bits)")
    }
  }

  @Test func `Runs of floats of any length convert as one by one`() {
    var generator = SeededGenerator(seed: 5)
    for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 127, 128, 129, 255, 256, 1000, 1001] {
      let values = (0..<count).map { _ in
        Double(bitPattern: generator.next() & 0xBFFF_FFFF_FFFF_FFFF)
      }
      let bytes = values.flatMap { Assembly.float($0) }
      #expect(bytes.withUnsafeBytes(floatCount) == count)
      var output = [Float](repeating: .nan, count: count + 1)
      // Other opcodes follow, which must be ignored.
      let (converted, areFinite) = (bytes + [0x65, 0x47, 0x47]).withUnsafeBytes { input in
        output.withUnsafeMutableBufferPointer { buffer in
          guard let to = buffer.baseAddress else { return (0, true) }
          return convertFloats(input, atMost: .max, to: to)
        }
      }
      #expect(converted == count)
      #expect(areFinite == values.allSatisfy { Float($0).isFinite })
      #expect(output.last?.isNaN == true, "wrote past its end")
      for (value, got) in zip(values, output) {
        #expect(Float(value).bitPattern == got.bitPattern, "seed 5, \(value)")
      }
    }
  }

  @Test(arguments: [0, 1, 127, 128, 200, 255, 256, 299])
  func `A number that no Float32 can hold is found wherever it stands`(place: Int) {
    for bad in [Double.nan, .infinity, -.infinity, 3.4028235677973366e38, -1e39] {
      var values = [Double](repeating: 0.5, count: 300)
      values[place] = bad
      let bytes = Assembly.store([values])
      guard case .notFinite(0, place, _) = refusal(bytes)?.kind else {
        Issue.record("\(bad) at \(place): \(String(describing: refusal(bytes)))")
        continue
      }
      values[place] = 3.4028235677973362e38  // just below the middle to infinity
      #expect(refusal(Assembly.store([values])) == nil)
    }
  }
}
