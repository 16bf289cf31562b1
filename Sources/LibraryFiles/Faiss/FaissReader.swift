internal import Files

/// Reads the numbers of a FAISS file one after the other; each length is compared with the bytes
/// that are left.
struct FaissReader {
  private let file: InputFile
  private(set) var offset: Int64 = 0

  init(_ file: InputFile) { self.file = file }

  /// The number of bytes that were not read yet.
  var left: Int64 { file.facts.size - offset }

  /// The head of every index.
  struct Header {
    let dimensions: Int
    let count: Int
  }

  mutating func bytes(_ count: Int) throws(FileError) -> [UInt8] {
    guard count <= left, let bytes = try file.bytes(at: offset, count: count) else {
      throw refusal("the file ends early")
    }
    offset += Int64(count)
    return bytes
  }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(FileError) -> Number {
    try bytes(MemoryLayout<Number>.size).withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(as: Number.self))
    }
  }

  /// Reads the four letters that name a kind of index.
  mutating func code() throws(FileError) -> String {
    String(decoding: try bytes(4), as: UTF8.self)
  }

  /// Reads a count, which cannot be larger than the file.
  mutating func count() throws(FileError) -> Int {
    let number = try number(UInt64.self)
    guard number <= UInt64(file.facts.size) else {
      throw refusal("a count is larger than the file")
    }
    return Int(number)
  }

  mutating func header() throws(FileError) -> Header {
    let dimensions = try number(Int32.self)
    let count = try number(Int64.self)
    try skip(8 + 8 + 1)
    if try number(Int32.self) > 1 { try skip(4) }
    guard (1...1 << 20).contains(dimensions), count >= 0,
      count <= file.facts.size / (Int64(dimensions) * 4)
    else { throw refusal("the index claims \(count) vectors of \(dimensions) dimensions") }
    return Header(dimensions: Int(dimensions), count: Int(count))
  }

  mutating func skip(_ count: Int, times size: Int = 1) throws(FileError) {
    let (length, isBeyond) = count.multipliedReportingOverflow(by: size)
    guard !isBeyond, length >= 0, Int64(length) <= left else {
      throw refusal("the file ends early")
    }
    offset += Int64(length)
  }

  /// Passes a vector of elements of this size, and returns their number.
  mutating func skipVector(of size: Int) throws(FileError) -> Int {
    let count = try count()
    try skip(count, times: size)
    return count
  }

  /// Reads a vector of integers of eight bytes.
  mutating func integers() throws(FileError) -> [Int64] { try integers(count()) }

  /// Reads this many integers of eight bytes.
  mutating func integers(_ count: Int) throws(FileError) -> [Int64] {
    guard Int64(count) <= left / 8 else { throw refusal("the file ends early") }
    let bytes = try bytes(count * 8)
    return bytes.withUnsafeBytes { raw in
      (0..<count).map {
        Int64(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
      }
    }
  }

  /// Reads the sizes of inverted lists: of all lists, or of those that are not empty.
  mutating func listSizes(_ lists: Int) throws(FileError) -> [Int] {
    let form = try code()
    let numbers = try integers()
    guard numbers.allSatisfy({ $0 >= 0 && $0 <= file.facts.size }) else {
      throw refusal("a list is larger than the file")
    }
    switch form {
    case "full":
      guard numbers.count == lists else { throw refusal("the lists have no sizes") }
      return numbers.map { Int($0) }
    case "sprs":
      guard numbers.count.isMultiple(of: 2), numbers.count / 2 <= lists else {
        throw refusal("the lists have no sizes")
      }
      let numbersOfLists = stride(from: 0, to: numbers.count, by: 2).map { numbers[$0] }
      guard zip(numbersOfLists, numbersOfLists.dropFirst()).allSatisfy(<),
        numbersOfLists.allSatisfy({ $0 < lists })
      else { throw refusal("the lists are not in order") }
      return stride(from: 1, to: numbers.count, by: 2).map { Int(numbers[$0]) }
    default: throw refusal("the sizes of the lists do not have a form that is known")
    }
  }

  func refusal(_ problem: String, remedy: String = "restore both files from a copy") -> FileError {
    FileError(
      .vectorData, file: file.path, place: "byte \(offset)", problem: problem, remedy: remedy)
  }
}
