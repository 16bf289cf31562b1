import Foundation
import TestSupport
import Testing

@testable import Search

struct VectorFileTests {
  @Test(arguments: [
    ("[1, -2.5, 3e-2]", [1, -2.5, 0.03] as [Float]), ("[\n  0.1\n]\n", [0.1]),
  ])
  func `a JSON array is read`(text: String, vector: [Float]) throws {
    #expect(try VectorFile.read(Array(text.utf8)) == vector)
  }

  @Test(arguments: [
    ("", "the file is neither a JSON array"), ("{}", "the file is neither a JSON array"),
    ("[1, \"2\"]", "element 2 is not a number"), ("[[1]]", "element 1 is not a number"),
    ("[]", "it holds no numbers"), ("[1e300]", "number 1 is not finite"),
    ("\u{80}\u{4}pickle", "the file is neither a JSON array"),
  ])
  func `what holds no vector is refused by what is wrong with it`(text: String, problem: String) {
    let error = #expect(throws: SearchError.self) { try VectorFile.read(Array(text.utf8)) }
    #expect(error?.problem.hasPrefix(problem) == true, "\(error?.problem ?? "")")
  }

  @Test(
    .needsPython,
    arguments: ["<f2", "<f4", "<f8", ">f4", ">f8", ">f2"])
  func `what numpy saves is read, whatever its type`(type: String) throws {
    let folder = try TemporaryDirectory("numpy")
    let path = folder.file("query.npy")
    let numbers = "[1, -2.5, 0.0009765625, 6.103515625e-05, 5.9604644775390625e-08, 65504, 0]"
    for shape in ["(-1,)", "(1, -1)"] {
      _ = try Oracle.run(
        "import numpy, sys; numpy.save(sys.argv[1], numpy.array(\(numbers), '\(type)').reshape(\(shape)))",
        [path])
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      #expect(
        try VectorFile.read(bytes)
          == [1, -2.5, 0.0009765625, 6.103515625e-05, 5.9604644775390625e-08, 65504, 0])
      for length in [3, 9, 20, bytes.count - 1] {
        #expect(throws: SearchError.self) { try VectorFile.read(Array(bytes[..<length])) }
      }
    }
  }

  @Test(
    .needsPython,
    arguments: [
      ("numpy.zeros((2, 3), 'f4')", "the file holds an array of shape (2, 3)"),
      ("numpy.zeros(3, 'i8')", "its numbers are of type <i8"),
      ("numpy.array(['a'])", "its numbers are of type <U1"),
      ("numpy.array([1, numpy.nan])", "number 2 is not finite"),
    ])
  func `other arrays are refused`(array: String, problem: String) throws {
    let folder = try TemporaryDirectory("numpy")
    let path = folder.file("query.npy")
    _ = try Oracle.run("import numpy, sys; numpy.save(sys.argv[1], \(array))", [path])
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let error = #expect(throws: SearchError.self) { try VectorFile.read(bytes) }
    #expect(error?.problem == problem)
  }

  @Test(arguments: [
    ("6F1C", "6f1c0000000000000000000000000000", "6f1cffffffffffffffffffffffffffff"),
    (
      "01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef",
      "0123456789abcdef0123456789abcdef"
    ),
  ])
  func `the beginning of an id stands for all ids that begin so`(
    prefix: String, first: String, last: String
  ) throws {
    let range = try #require(IdentifierRange(prefix: prefix))
    #expect(range.first == first && range.last == last)
    for wrong in ["6f1", "x6f1c", "6f1c ", "0123456789abcdef0123456789abcdef0", ""] {
      #expect(IdentifierRange(prefix: wrong) == nil)
    }
  }
}
