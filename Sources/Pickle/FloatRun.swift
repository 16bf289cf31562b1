// The inner loop that takes most of the time of reading a large store: a number is nine bytes, `G`
// and a big-endian double. CPython writes up to a thousand of them in a row.

/// The number of bytes of a BINFLOAT opcode with its number.
let floatStride = 9

/// Counts the complete BINFLOAT opcodes at the start of `bytes`.
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

/// Converts the BINFLOAT opcodes at the start of `bytes` to the nearest Float32, ties to even.
///
/// Two short loops over a block that stays in the processor's first cache are twice as fast as one
/// loop: the first loop checks the opcodes and reverses the bytes, the second converts four numbers
/// at once.
///
/// - Returns: the number of converted opcodes, at most `limit`, and true where all of their numbers
///   are finite as Float32.
func convertFloats(
  _ bytes: UnsafeRawBufferPointer, atMost limit: Int, to output: UnsafeMutablePointer<Float>
) -> (count: Int, areFinite: Bool) {
  let block = 128
  let possible = min(bytes.count / floatStride, limit)
  guard let start = bytes.baseAddress, possible > 0 else { return (0, true) }
  var done = 0
  var areFinite = true
  // At most 1,024 bytes with the usual alignment, so they are on the stack.
  withUnsafeTemporaryAllocation(byteCount: block * 8, alignment: 16) { scratch in
    guard let doubles = scratch.baseAddress else { return }
    var goesOn = true
    while goesOn, done < possible {
      let input = start + done &* floatStride
      let tried = min(block, possible &- done)
      goesOn = turnFloats(input, tried, to: doubles)
      let count =
        goesOn
        ? tried
        : floatCount(UnsafeRawBufferPointer(start: input, count: tried &* floatStride))
      areFinite = narrow(doubles, count, to: output + done) && areFinite
      done &+= count
    }
  }
  return (done, areFinite)
}

/// Reverses the bytes of `count` doubles; returns false where a double does not follow a BINFLOAT
/// opcode.
@inline(__always)
func turnFloats(
  _ bytes: UnsafeRawPointer, _ count: Int, to doubles: UnsafeMutableRawPointer
) -> Bool {
  let code = Opcode.binfloat.rawValue
  var differs: UInt8 = 0
  var input = bytes
  for index in 0..<count {
    differs |= input.load(as: UInt8.self) ^ code
    let bits = UInt64(bigEndian: input.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    doubles.storeBytes(of: bits, toByteOffset: index &* 8, as: UInt64.self)
    input += floatStride
  }
  return differs == 0
}

/// Converts doubles in memory to Float32.
///
/// - Returns: false where a double is not finite as a Float32.
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
  while index &+ 4 <= count {
    let wide = doubles.loadUnaligned(fromByteOffset: index &* 8, as: SIMD4<Double>.self)
    let values = SIMD4<Float>(wide)
    target.storeBytes(of: values, toByteOffset: index &* 4, as: SIMD4<Float>.self)
    let bits = unsafeBitCast(values, to: SIMD4<UInt32>.self)
    carries |= (bits & magnitude) &+ lowestExponentBit
    index &+= 4
  }
  var areFinite = carries & SIMD4(repeating: 0x8000_0000) == .zero
  while index < count {
    output[index] = Float(doubles.load(fromByteOffset: index &* 8, as: Double.self))
    areFinite = areFinite && output[index].isFinite
    index &+= 1
  }
  return areFinite
}

extension ByteWindow {
  /// Counts the BINFLOAT opcodes that are in the buffer, without skipping them.
  mutating func countFloats() throws(PickleError) -> Int {
    try require(min(floatStride, left))
    return floatCount(atHand)
  }

  /// Converts up to `limit` BINFLOAT opcodes that are in the buffer, and skips them.
  ///
  /// - Returns: the number of converted opcodes, and true where all of their numbers are finite.
  mutating func takeFloats(
    _ limit: Int, to output: UnsafeMutablePointer<Float>
  ) throws(PickleError) -> (count: Int, areFinite: Bool) {
    try require(min(floatStride, left))
    let (count, areFinite) = convertFloats(atHand, atMost: limit, to: output)
    try skip(count * floatStride)
    return (count, areFinite)
  }
}
