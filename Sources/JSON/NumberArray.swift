/// Reads JSON arrays of numbers as Float32.
public enum NumberArray {
  /// The reason why an array was not read.
  public enum Fault: Error, Equatable, Sendable {
    /// The element at this index is not a number.
    case notANumber(element: Int)
    /// The element at this index is NaN, infinite, or too large for Float32; the word names it.
    case notFinite(element: Int, String)
    /// The array has another number of elements than expected.
    case count(Int)
  }

  /// The number of bytes that must be readable after the text of an array.
  public static let padding = 16

  /// Reads an array and fills `numbers`, each the nearest Float32 of the nearest double.
  ///
  /// - Parameter text: the array from its bracket to its bracket; after it, ``padding`` bytes must
  ///   be readable, the first of them a zero.
  public static func read(
    _ text: UnsafeBufferPointer<UInt8>, into numbers: UnsafeMutableBufferPointer<Float>
  ) throws(Fault) {
    guard let base = text.baseAddress else { throw .count(0) }
    var index = skipSpace(base, 1)
    var element = 0
    if base[index] == UInt8(ascii: "]") { throw .count(0) }
    while true {
      guard let number = NumberText(base, from: index) else {
        throw fault(base, index, element)
      }
      guard number.value.isFinite else {
        let digits = String(
          decoding: UnsafeBufferPointer(rebasing: text[index..<number.end]), as: UTF8.self)
        throw .notFinite(element: element, String(digits.prefix(40)))
      }
      guard element < numbers.count else { throw .count(element + 1) }
      numbers[element] = number.value
      element += 1
      index = skipSpace(base, number.end)
      if base[index] == UInt8(ascii: ",") {
        index = skipSpace(base, index + 1)
      } else if base[index] == UInt8(ascii: "]"), index == text.count - 1 {
        break
      } else {
        throw .notANumber(element: element - 1)
      }
    }
    if element < numbers.count { throw .count(element) }
  }

  @inline(__always)
  private static func skipSpace(_ base: UnsafePointer<UInt8>, _ start: Int) -> Int {
    var index = start
    while base[index] == 0x20 || base[index] == 0x0A || base[index] == 0x0D || base[index] == 0x09 {
      index += 1
    }
    return index
  }

  /// Returns the fault of an element that is not a number: Python writes words for numbers that are
  /// not finite.
  private static func fault(_ base: UnsafePointer<UInt8>, _ index: Int, _ element: Int) -> Fault {
    for word in ["NaN", "Infinity", "-Infinity"]
    where word.utf8.enumerated().allSatisfy({ base[index + $0.offset] == $0.element }) {
      return .notFinite(element: element, word)
    }
    return .notANumber(element: element)
  }
}
