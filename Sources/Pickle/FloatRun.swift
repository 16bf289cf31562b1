// The one inner loop that large stores spend their time in: `G`, then a big-endian double,
// nine bytes a number. CPython writes up to a thousand of them in a row.

/// The bytes of BINFLOAT and its number.
let floatStride = 9

/// Counts the BINFLOAT opcodes at the start of `bytes` that are there in full.
func floatCount(_ bytes: UnsafeRawBufferPointer) -> Int {
  guard let start = bytes.baseAddress else { return 0 }
  let possible = bytes.count / floatStride
  let code = Opcode.binfloat.rawValue
  var count = 0
  // Eight at a time: one branch for 72 bytes.
  while count + 8 <= possible {
    let first = start + count * floatStride
    var differs: UInt8 = 0
    for index in 0..<8 {
      differs |= first.load(fromByteOffset: index * floatStride, as: UInt8.self) ^ code
    }
    if differs != 0 { break }
    count += 8
  }
  while count < possible,
    start.load(fromByteOffset: count * floatStride, as: UInt8.self) == code
  {
    count += 1
  }
  return count
}

/// Converts `count` BINFLOAT opcodes at `bytes` to Float32, nearest with ties to even.
///
/// Two short loops over a block that stays in the first cache are twice as fast as one: the
/// first turns the bytes around, the second converts four numbers at once.
///
/// - Returns: false where one of them is not finite as a Float32.
func convertFloats(
  _ bytes: UnsafeRawPointer, _ count: Int, to output: UnsafeMutablePointer<Float>
) -> Bool {
  let block = 128
  var done = 0
  var areFinite = true
  withUnsafeTemporaryAllocation(byteCount: block * 8, alignment: 32) { scratch in
    guard let doubles = scratch.baseAddress else { return }
    while done + block <= count {
      var input = bytes + (done &* floatStride &+ 1)
      for index in 0..<block {
        let bits = UInt64(bigEndian: input.loadUnaligned(as: UInt64.self))
        doubles.storeBytes(of: bits, toByteOffset: index &* 8, as: UInt64.self)
        input += floatStride
      }
      areFinite = narrow(doubles, block, to: output + done) && areFinite
      done += block
    }
  }
  while done < count {
    let bits = (bytes + (done * floatStride + 1)).loadUnaligned(as: UInt64.self)
    output[done] = Float(Double(bitPattern: UInt64(bigEndian: bits)))
    areFinite = areFinite && output[done].isFinite
    done += 1
  }
  return areFinite
}

/// Converts doubles in memory to Float32, a multiple of four of them.
///
/// - Returns: false where one of them is not finite as a Float32.
@inline(__always)
func narrow(
  _ doubles: UnsafeRawPointer, _ count: Int, to output: UnsafeMutablePointer<Float>
) -> Bool {
  let magnitude = SIMD4<UInt32>(repeating: 0x7FFF_FFFF)
  let lowestExponentBit = SIMD4<UInt32>(repeating: 0x0080_0000)
  // An exponent of all ones carries into the sign bit.
  var carries = SIMD4<UInt32>.zero
  let target = UnsafeMutableRawPointer(output)
  var index = 0
  while index < count {
    let wide = doubles.loadUnaligned(fromByteOffset: index &* 8, as: SIMD4<Double>.self)
    let values = SIMD4<Float>(wide)
    target.storeBytes(of: values, toByteOffset: index &* 4, as: SIMD4<Float>.self)
    let bits = unsafeBitCast(values, to: SIMD4<UInt32>.self)
    carries |= (bits & magnitude) &+ lowestExponentBit
    index &+= 4
  }
  return carries & SIMD4(repeating: 0x8000_0000) == .zero
}

extension ByteWindow {
  /// Counts the BINFLOAT opcodes at hand, and passes none.
  mutating func countFloats() throws(PickleError) -> Int {
    try require(min(floatStride, left))
    return floatCount(atHand)
  }

  /// Converts up to `limit` BINFLOAT opcodes at hand and passes over them.
  ///
  /// - Returns: how many, and whether all are finite.
  mutating func convertFloats(
    _ limit: Int, to output: UnsafeMutablePointer<Float>
  ) throws(PickleError) -> (count: Int, areFinite: Bool) {
    try require(min(floatStride, left))
    let bytes = atHand
    let count = floatCount(
      UnsafeRawBufferPointer(rebasing: bytes.prefix(limit * floatStride)))
    guard count > 0, let start = bytes.baseAddress else { return (0, true) }
    let areFinite = Pickle.convertFloats(start, count, to: output)
    try skip(count * floatStride)
    return (count, areFinite)
  }
}
