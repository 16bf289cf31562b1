internal import Files

/// Vectors of little-endian Float32, one after the other, as base64 in one string of a file.
final class MatrixVectors: VectorSource {
  private let file: JSONFile
  private let text: Range<Int>
  let count: Int
  private let width: Int
  private var digits: [UInt8] = []

  /// The number of numbers in each vector; 0 where there are no vectors.
  var dimensions: Int { count == 0 ? 0 : width }
  var path: String { file.path }

  /// Refuses a string whose length is not that of so many vectors.
  init(_ file: JSONFile, _ text: Range<Int>, rows: Int, dimensions: Int) throws(StoreError) {
    self.file = file
    self.text = text
    count = rows
    width = dimensions
    let size = rows.multipliedReportingOverflow(by: 4 * dimensions)
    guard !size.overflow, text.count == (size.partialValue + 2) / 3 * 4 else {
      throw StoreError(
        .count, file: file.path,
        problem: "the matrix has \(text.count) digits, which is not the length of \(rows) vectors "
          + "of \(dimensions) dimensions",
        remedy: "restore the file")
    }
  }

  func read(_ range: Range<Int>, into numbers: inout [Float]) throws(StoreError) {
    numbers.removeAll(keepingCapacity: true)
    numbers.reserveCapacity(range.count * dimensions)
    for row in range { try append(row, to: &numbers) }
  }

  /// Decodes one vector: whole groups of four digits, which stand for three bytes each.
  private func append(_ row: Int, to numbers: inout [Float]) throws(StoreError) {
    let bytes = row * width * 4..<(row + 1) * width * 4
    let groups = bytes.lowerBound / 3..<(bytes.upperBound + 2) / 3
    guard
      let part = FilePart(
        text.lowerBound + groups.lowerBound * 4..<text.lowerBound + groups.upperBound * 4)
    else { throw file.changed }
    try file.read(part, into: &digits)
    guard let decoded = Base64.decode(digits[..<part.count]) else {
      throw StoreError(
        .vectors, file: path, place: "row \(row)", problem: "the matrix is not base64",
        remedy: "restore the file")
    }
    let first = bytes.lowerBound - groups.lowerBound * 3
    guard decoded.count >= first + bytes.count else {
      throw StoreError(
        .vectors, file: path, place: "row \(row)", problem: "the matrix ends too early",
        remedy: "restore the file")
    }
    decoded.withUnsafeBytes { decoded in
      for column in 0..<width {
        let bits = decoded.loadUnaligned(fromByteOffset: first + column * 4, as: UInt32.self)
        numbers.append(Float(bitPattern: UInt32(littleEndian: bits)))
      }
    }
    if let column = numbers.suffix(width).firstIndex(where: { !$0.isFinite }) {
      throw StoreError(
        .notFinite, file: path, place: "row \(row), position \(column - row * width)",
        problem: "\(numbers[column]) is not a finite Float32",
        remedy: "this library makes NaN of a vector of zeros: delete the document from the store")
    }
  }
}

/// Base64 as RFC 4648 defines it, in one line.
enum Base64 {
  /// Decodes whole groups of digits; nil where a byte is no digit, or `=` is not at the end.
  static func decode(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    guard digits.count % 4 == 0 else { return nil }
    let padding = digits.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var output: [UInt8] = []
    output.reserveCapacity(digits.count / 4 * 3)
    var value: UInt32 = 0
    var isValid = true
    let last = digits.endIndex - padding
    for (place, index) in digits.indices.enumerated() {
      let digit = index < last ? values[Int(digits[index])] : 0
      isValid = isValid && digit < 64
      value = value << 6 | UInt32(digit & 63)
      guard place % 4 == 3 else { continue }
      output.append(UInt8(truncatingIfNeeded: value >> 16))
      output.append(UInt8(truncatingIfNeeded: value >> 8))
      output.append(UInt8(truncatingIfNeeded: value))
    }
    output.removeLast(padding)
    return isValid ? output : nil
  }

  /// The value of each byte that is a digit; 255 for every other byte.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()
}
