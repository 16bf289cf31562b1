/// Pickles a list of lists of floats as Python does, without frames and memo: PROTO, EMPTY_LIST,
/// MARK, rows of BINFLOAT, APPENDS, STOP.
public func pickledVectors(_ rows: [[Double]], protocol version: UInt8 = 2) -> [UInt8] {
  var bytes: [UInt8] = [0x80, version, UInt8(ascii: "]"), UInt8(ascii: "(")]
  for row in rows {
    bytes += [UInt8(ascii: "]"), UInt8(ascii: "(")]
    for number in row {
      bytes.append(UInt8(ascii: "G"))
      withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes += $0 }
    }
    bytes.append(UInt8(ascii: "e"))
  }
  return bytes + [UInt8(ascii: "e"), UInt8(ascii: ".")]
}
