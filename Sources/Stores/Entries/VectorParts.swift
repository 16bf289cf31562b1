internal import Files
internal import JSON

/// The places of the vectors in a file, which all have the same number of dimensions.
struct VectorParts {
  /// The largest number of dimensions that pgvector's type `vector` allows.
  private static let dimensionLimit = 16_000

  private(set) var parts: [FilePart] = []
  private(set) var dimensions = 0

  /// Adds the next vector; refuses one of no dimensions, too many dimensions, or other dimensions
  /// than the vectors before it.
  mutating func add(_ range: Range<Int>, count: Int, _ path: String) throws(StoreError) {
    try check(count, path)
    guard let part = FilePart(range) else {
      throw StoreError(
        .vectors, file: path, place: "row \(parts.count)",
        problem: "the vector's text has more than 4 GB", remedy: "write the file again")
    }
    parts.append(part)
  }

  /// Refuses a number of dimensions that the next vector must not have.
  private mutating func check(_ count: Int, _ path: String) throws(StoreError) {
    if parts.isEmpty { dimensions = count }
    let place = "row \(parts.count)"
    if count == 0 {
      throw StoreError(
        .dimensions, file: path, place: place, problem: "the vector has no numbers",
        remedy: "embed this document again, or remove it from the store")
    }
    if count != dimensions {
      throw StoreError(
        .dimensions, file: path, place: place,
        problem: "has \(count) dimensions, row 0 has \(dimensions)",
        remedy: "embed the store's texts with one model, or split the store by dimension")
    }
    if count > Self.dimensionLimit {
      throw StoreError(
        .dimensions, file: path,
        problem: "vectors have \(count) dimensions; pgvector holds at most \(Self.dimensionLimit)",
        remedy: "embed the store's texts with a model of fewer dimensions")
    }
  }
}

/// Vectors that are JSON arrays of numbers in a file.
final class JSONVectors: VectorSource {
  private let file: JSONFile
  private let vectors: VectorParts
  private var bytes: [UInt8] = []

  init(_ file: JSONFile, _ vectors: VectorParts) {
    self.file = file
    self.vectors = vectors
  }

  var path: String { file.path }
  var count: Int { vectors.parts.count }
  var dimensions: Int { vectors.dimensions }

  func read(_ range: Range<Int>, into numbers: inout [Float]) throws(StoreError) {
    let size = range.count * dimensions
    if numbers.count > size { numbers.removeLast(numbers.count - size) }
    numbers.append(contentsOf: repeatElement(0, count: size - numbers.count))
    for (index, row) in range.enumerated() {
      try read(row, into: &numbers, at: index * dimensions)
    }
  }

  private func read(_ row: Int, into numbers: inout [Float], at start: Int) throws(StoreError) {
    let part = vectors.parts[row]
    try file.read(part, into: &bytes)
    var fault: NumberArray.Fault?
    bytes.withUnsafeBufferPointer { bytes in
      numbers.withUnsafeMutableBufferPointer { numbers in
        do throws(NumberArray.Fault) {
          try NumberArray.read(
            UnsafeBufferPointer(rebasing: bytes[..<part.count]),
            into: UnsafeMutableBufferPointer(rebasing: numbers[start..<start + dimensions]))
        } catch {
          fault = error
        }
      }
    }
    if let fault { throw refusal(fault, row) }
  }

  private func refusal(_ fault: NumberArray.Fault, _ row: Int) -> StoreError {
    switch fault {
    case .notFinite(let element, let word):
      StoreError(
        .notFinite, file: path, place: "row \(row), position \(element)",
        problem: "\(word) is not a finite Float32",
        remedy: "embed this document again, or remove it from the store")
    case .notANumber(let element):
      StoreError(
        .vectors, file: path, place: "row \(row), position \(element)",
        problem: "not a JSON number", remedy: "restore the file, or embed this document again")
    case .count: file.changed
    }
  }
}
