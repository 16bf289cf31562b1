import Bounds
import Testing

/// Tests that arithmetic on numbers from outside stops at a bound and never ends the process.
@Suite struct SaturatingTests {
  @Test(
    arguments: [
      (Int64.max, 1, Int64.max), (.min, -1, .min), (.max, .min, -1), (7, -9, -2),
      (.max, .max, .max), (.min, .min, .min),
    ] as [(Int64, Int64, Int64)])
  func `a sum that does not fit is the bound it passes`(left: Int64, right: Int64, sum: Int64) {
    #expect(left.addingSaturated(right) == sum)
    #expect([left, right].sumSaturated() == sum)
  }

  @Test(
    arguments: [
      (Int64.min, 1, Int64.min), (.max, -1, .max), (0, .min, .max), (-1, .min, .max), (7, 9, -2),
    ] as [(Int64, Int64, Int64)])
  func `a difference that does not fit is the bound it passes`(
    left: Int64, right: Int64, difference: Int64
  ) {
    #expect(left.subtractingSaturated(right) == difference)
  }

  @Test(
    arguments: [
      (Int64.max, 2, Int64.max), (.max, -2, .min), (.min, -1, .max), (.min, 2, .min), (6, -7, -42),
      (0, .min, 0),
    ] as [(Int64, Int64, Int64)])
  func `a product that does not fit is the bound it passes`(
    left: Int64, right: Int64, product: Int64
  ) {
    #expect(left.multipliedSaturated(by: right) == product)
  }

  @Test func `a number of any size becomes a whole one`() {
    #expect(Int(saturating: .infinity) == .max)
    #expect(Int(saturating: -.infinity) == .min)
    #expect(Int(saturating: 1e300) == .max)
    #expect(Int(saturating: .nan) == 0)
    #expect(Int(saturating: -2.9) == -2)
    #expect(UInt64(saturating: -1) == 0)
    #expect(UInt64(saturating: 0x1p64) == .max)
  }

  @Test func `memory that nobody has is missed by name before it is taken`() {
    let error = #expect(throws: MemoryRoom.Missing.self) {
      try MemoryRoom.require(1 << 60, for: "a test")
    }
    #expect("\(error!)".contains("no memory for a test"))
    #expect("\(error!)".contains("ulimit -v"))
    #expect(throws: Never.self) { try MemoryRoom.require(1 << 20, for: "a test") }
    #expect(throws: Never.self) { try MemoryRoom.require(-1, for: "a test") }
  }
}
