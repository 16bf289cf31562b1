import Bounds
import Testing

/// Tests which vectors pgvector can compare, and which vectors half precision can hold.
@Suite struct VectorBoundsTests {
  private func outside(_ vector: [Float]) -> Double? {
    vector.withUnsafeBufferPointer { VectorLength.outside($0) }
  }

  private func fault(_ vector: [Float]) -> HalfPrecision.Fault? {
    vector.withUnsafeBufferPointer { HalfPrecision.fault(of: $0) }
  }

  @Test(
    arguments: [
      ([], nil), ([0, -0.0], nil), ([1, 0x1p-149], nil), ([0x1p-55], nil), ([-0x1p55], nil),
      ([Float(0x1p-55).nextDown], 2.775557396129206e-17), ([1e-30], 1.0000000031710769e-30),
      ([0x1p-149], 0x1p-149), ([Float(0x1p55).nextUp], 36028801313931264),
      ([.greatestFiniteMagnitude], 3.4028234663852886e38),
      // The length of the vector decides, not its largest number.
      ([0x1p-56, 0x1p-56, 0x1p-56, 0x1p-56], nil),
      ([Float](repeating: -0x1p50, count: 1025), 0x1p50 * 32.01562118716424),
      ([Float](repeating: 0x1p50, count: 1024), nil),
      ([3e30, 4e30], 5.000000009e30),
    ] as [([Float], Double?)])
  func `a length that pgvector cannot square is found, and zeros are none`(
    vector: [Float], length: Double?
  ) {
    let found = outside(vector)
    #expect((found == nil) == (length == nil))
    if let found, let length { #expect(abs(found - length) <= 1e-6 * length) }
  }

  @Test func `squares of the smallest length lose less than a number's rounding`() {
    // Up to the largest number of dimensions of pgvector, with the sum of squares as pgvector
    // computes it.
    for count in [1, 2000, 16_000] {
      let number = Float(VectorLength.smallest / Double(count).squareRoot()) * 1.000001
      let vector = [Float](repeating: number, count: count)
      #expect(outside(vector) == nil)
      var sum: Double = 0
      for number in vector { sum += Double(number * number) }
      let whole = Double(number) * Double(number) * Double(count)
      #expect(abs(sum / whole - 1) < 0x1p-24)
    }
    #expect(Float(VectorLength.largest) * Float(VectorLength.largest) * 4096 < .infinity)
  }

  @Test(
    arguments: [
      ([], nil), ([0, 0], nil), ([65_519], nil), ([1, 65_504, 1e-30], nil),
      ([1, -65_520], .largeNumber(position: 1, value: -65_520)),
      ([7, 70_000, 80_000], .largeNumber(position: 1, value: 70_000)),
      ([0x1p-14], nil), ([Float(0x1p-14).nextDown], .smallNumbers(length: 0x1p-14)),
      ([0, 0, 0, 0x1p-13], nil), ([0x1p-14, 0x1p-14, 0x1p-14], nil),
      ([1e-9, 1e-9], .smallNumbers(length: 1.4142135623730951e-09)),
      ([1e-9, 0.1], nil),
    ] as [([Float], HalfPrecision.Fault?)])
  func `half precision holds no number that becomes infinite and no vector that loses its digits`(
    vector: [Float], expected: HalfPrecision.Fault?
  ) {
    switch (fault(vector), expected) {
    case (.smallNumbers(let found)?, .smallNumbers(let length)?):
      #expect(abs(found - length) <= 1e-6 * length)
    case (let found, let expected): #expect(found == expected)
    }
  }

  @Test func `a vector that fits half precision keeps its cosines there`() {
    for count in [1, 24, 3072] {
      let number = Float(HalfPrecision.smallestMean) * 1.0001
      let vector = (0..<count).map { $0 % 2 == 0 ? number : -number * 0.99999 }
      #expect(fault(vector) == nil)
      let rounded = vector.map { Double(Float(Float16($0))) }
      let dot = zip(vector, rounded).reduce(0) { $0 + Double($1.0) * $1.1 }
      let squares = rounded.reduce(0) { $0 + $1 * $1 }
      let own = vector.reduce(0) { $0 + Double($1) * Double($1) }
      #expect(dot / (squares * own).squareRoot() > 1 - 1e-6)
    }
  }
}
