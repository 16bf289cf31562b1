// The one inner loop that large stores spend their time in: `G`, then a big-endian double,
// nine bytes a number. CPython writes up to a thousand of them in a row.

/// The bytes of BINFLOAT and its number.
let floatStride = 9

/// Counts the BINFLOAT opcodes at the start of `bytes` that are there in full.
func countFloats(_ bytes: UnsafeRawBufferPointer) -> Int {
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
/// - Returns: false where one of them is not finite as a Float32.
func convertFloats(
  _ bytes: UnsafeRawPointer, _ count: Int, to output: UnsafeMutablePointer<Float>
) -> Bool {
  var largest: UInt32 = 0
  for index in 0..<count {
    let bits = (bytes + (index * floatStride + 1)).loadUnaligned(as: UInt64.self)
    let value = Float(Double(bitPattern: UInt64(bigEndian: bits)))
    output[index] = value
    largest = max(largest, value.bitPattern & 0x7FFF_FFFF)
  }
  return largest < 0x7F80_0000
}

extension ByteWindow {
  /// Passes over the BINFLOAT opcodes at hand; at least one, or the file is cut short.
  mutating func passFloats() throws(PickleError) -> Int {
    try require(floatStride)
    let count = countFloats(atHand)
    try skip(count * floatStride)
    return count
  }

  /// Converts up to `limit` BINFLOAT opcodes at hand and passes over them.
  ///
  /// - Returns: how many, and whether all are finite.
  mutating func convertFloats(
    _ limit: Int, to output: UnsafeMutablePointer<Float>
  ) throws(PickleError) -> (count: Int, areFinite: Bool) {
    try require(floatStride)
    let bytes = atHand
    let count = countFloats(
      UnsafeRawBufferPointer(rebasing: bytes.prefix(limit * floatStride)))
    guard count > 0, let start = bytes.baseAddress else { return (0, true) }
    let areFinite = Pickle.convertFloats(start, count, to: output)
    try skip(count * floatStride)
    return (count, areFinite)
  }
}
