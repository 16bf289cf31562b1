import Foundation
import JSON
import TestSupport
import Testing

@Suite("Arrays of numbers as Float32")
struct NumberArrayTests {
  private func read(_ text: String, count: Int) throws(NumberArray.Fault) -> [Float] {
    var bytes = Array(text.utf8) + [UInt8](repeating: 0, count: NumberArray.padding)
    var numbers = [Float](repeating: -1, count: count)
    let length = bytes.count - NumberArray.padding
    var fault: NumberArray.Fault?
    bytes.withUnsafeMutableBufferPointer { bytes in
      numbers.withUnsafeMutableBufferPointer { numbers in
        do throws(NumberArray.Fault) {
          try NumberArray.read(UnsafeBufferPointer(rebasing: bytes[..<length]), into: numbers)
        } catch {
          fault = error
        }
      }
    }
    if let fault { throw fault }
    return numbers
  }

  @Test("each number is the nearest Float32 of its nearest double, bit for bit")
  func exact() throws {
    var generator = SeededGenerator(seed: 20)
    let isFull = Oracle.isFullRun
    var words = [
      "0", "-0", "0.0", "-0.0e5", "1", "16777217", "16777219", "0.1", "1e-45", "7e-46", "1.4e-45",
      "3.4028235677973366e+38", "3.4028234e38", "1E+2", "-1.5e-3", "123456789012345678901234567890",
      "0.00000000000000000000000000000000000000000000012345678901234567890",
      "9007199254740993", "18446744073709551615", "18446744073709551616", "1e-400", "0e999",
      "1.00000005960464477539062500", "1.000000059604644775390625001",
      "1.00000005960464477539062499",
      "1.0000001788139343261718750", "2.00000011920928955078125", "0.50000002980232238769531250",
    ]
    for _ in 0..<(isFull ? 3_000_000 : 150_000) {
      let float = Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: words.append("\(Double(float))")
      case 1: words.append("\(float)")
      case 2:
        // The double in the middle of two neighbours, and the doubles beside it.
        let middle = (Double(float) + Double(float.nextUp)) / 2
        words += ["\(middle)", "\(middle.nextUp)", "\(middle.nextDown)"]
      case 3: words.append("\(Double.random(in: -1...1, using: &generator))")
      case 4:
        let digits = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
          "\(Int.random(in: 0...9, using: &generator))"
        }
        words.append("-0." + digits.joined())
      default:
        let exponent = Int.random(in: -70...19, using: &generator)
        words.append("\(UInt64.random(in: 0 ... .max, using: &generator))e\(exponent)")
      }
    }
    words = words.filter { Float(Double($0) ?? 0).isFinite }
    let numbers = try read("[\(words.joined(separator: ","))]", count: words.count)
    for (word, number) in zip(words, numbers) {
      let expected = Float(Double(word) ?? .nan)
      #expect(number.bitPattern == expected.bitPattern, "\(word)")
    }
  }

  @Test("white space between numbers is passed over")
  func space() throws {
    #expect(try read("[ 1 ,\n\t2.5\r\n, -3 ]", count: 3) == [1, 2.5, -3])
  }

  @Test(
    "what is not an array of so many finite numbers is refused with its place",
    arguments: [
      ("[]", .count(0)), ("[1,2,3]", .count(3)), ("[1]", .count(1)),
      ("[1,NaN]", .notFinite(element: 1, "NaN")),
      ("[-Infinity,1]", .notFinite(element: 0, "-Infinity")),
      ("[1,Infinity]", .notFinite(element: 1, "Infinity")),
      ("[1,1e39]", .notFinite(element: 1, "1e39")),
      ("[1,3.4028235677973367e+38]", .notFinite(element: 1, "3.4028235677973367e+38")),
      ("[1,01]", .notANumber(element: 1)), ("[1,.5]", .notANumber(element: 1)),
      ("[1,5.]", .notANumber(element: 1)), ("[1,2e]", .notANumber(element: 1)),
      ("[1,+2]", .notANumber(element: 1)), ("[1,]", .notANumber(element: 1)),
      ("[1 2]", .notANumber(element: 0)), ("[1,2]]", .notANumber(element: 1)),
      ("[--1,2]", .notANumber(element: 0)), ("[1,2", .notANumber(element: 1)),
    ] as [(String, NumberArray.Fault)])
  func refused(text: String, fault: NumberArray.Fault) {
    #expect(throws: fault) { try read(text, count: 2) }
  }
}
