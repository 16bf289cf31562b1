internal import Files

/// The vectors of a file that has all their numbers one after the other.
final class ArrayVectors: VectorSource {
  /// The largest number of dimensions that pgvector's type `vector` allows.
  private static let dimensionLimit = 16_000

  private let file: InputFile
  private let outline: ArrayOutline
  private var bytes: [UInt8] = []

  var path: String { file.path }
  var count: Int { outline.rows }
  var dimensions: Int { outline.rows == 0 ? 0 : outline.columns }

  /// Refuses an outline that does not fit the file.
  init(_ file: InputFile, _ outline: ArrayOutline) throws(StoreError) {
    self.file = file
    self.outline = outline
    if outline.rows > 0, !(1...Self.dimensionLimit).contains(outline.columns) {
      throw StoreError(
        .dimensions, file: file.path,
        problem: "vectors have \(outline.columns) dimensions; pgvector holds 1 to "
          + "\(Self.dimensionLimit)",
        remedy: "embed the store's texts with a model of other dimensions")
    }
    guard let size = outline.byteCount, size <= Int(file.facts.size) - outline.offset else {
      throw StoreError(
        .vectors, file: file.path,
        problem: "ends before the last of \(outline.rows) vectors", remedy: "restore the file")
    }
  }

  func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    let size = outline.columns * outline.element.size
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: repeatElement(0, count: range.count * size))
    let offset = outline.offset + range.lowerBound * size
    var failure: StoreError?
    var done = 0
    bytes.withUnsafeMutableBytes { buffer in
      do throws(StoreError) {
        done = try file.read(into: buffer, at: Int64(offset))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard done == bytes.count else {
      throw StoreError(
        .changed, file: path, problem: "changed while it was read",
        remedy: "stop the application that writes the file, then run again")
    }
    vectors.removeAll(keepingCapacity: true)
    vectors.reserveCapacity(range.count * outline.columns)
    bytes.withUnsafeBytes { buffer in
      for start in stride(from: 0, to: buffer.count, by: outline.element.size) {
        vectors.append(number(buffer, at: start))
      }
    }
    if let place = vectors.firstIndex(where: { !$0.isFinite }) {
      throw StoreError(
        .notFinite, file: path,
        place: "row \(range.lowerBound + place / outline.columns), "
          + "position \(place % outline.columns)",
        problem: "\(vectors[place]) is not a finite Float32",
        remedy: "embed this document again, or remove it from the store")
    }
  }

  @inline(__always)
  private func number(_ buffer: UnsafeRawBufferPointer, at start: Int) -> Float {
    switch outline.element {
    case .float64: Float(Double(bitPattern: bits(buffer, at: start)))
    case .float32: Float(bitPattern: bits(buffer, at: start))
    case .float16: HalfPrecision.value(of: bits(buffer, at: start))
    case .bfloat16: Float(bitPattern: UInt32(bits(buffer, at: start) as UInt16) << 16)
    }
  }

  @inline(__always)
  private func bits<Bits: FixedWidthInteger>(_ buffer: UnsafeRawBufferPointer, at start: Int)
    -> Bits
  {
    let bits = buffer.loadUnaligned(fromByteOffset: start, as: Bits.self)
    return outline.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
  }
}

/// Numbers of 16 bits (IEEE 754).
private enum HalfPrecision {
  /// Returns the number with these bits; every such number is a Float32.
  @inline(__always)
  static func value(of bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    if exponent == 0 { return sign * fraction * 0x1p-24 }
    if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    return sign * (1 + fraction / 1024) * Float(bitPattern: UInt32(exponent + 112) << 23)
  }
}
