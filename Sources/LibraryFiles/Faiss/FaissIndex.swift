internal import Files

/// The places of the vectors in an index that FAISS has written.
///
/// Only indexes that hold all numbers of their vectors are read; for each vector its place in the
/// file is in memory, and nothing else.
struct FaissIndex {
  let file: InputFile
  private(set) var dimensions = 0
  /// The ids of the vectors; nil where they are the numbers from 0 on.
  private(set) var ids: [Int64]?
  /// The offsets of the vectors in the file; nil where they follow one another from `start` on.
  private(set) var offsets: [Int64]?
  private(set) var start: Int64 = 0
  private(set) var count = 0

  /// Reads the structure of a whole file.
  init(_ file: InputFile) throws(FileError) {
    self.file = file
    var reader = FaissReader(file)
    try readIndex(&reader, depth: 0)
    guard reader.left == 0 else {
      throw reader.refusal("\(reader.left) bytes follow after the index")
    }
  }

  /// Returns the offset of the vector at an index of `ids`.
  func offset(of index: Int) -> Int64 {
    offsets?[index] ?? start + Int64(index) * Int64(dimensions) * 4
  }

  private static let flat: Set<String> = ["IxF2", "IxFI", "IxFl"]
  private static let mapped: Set<String> = ["IxMp", "IxM2"]

  private mutating func readIndex(_ reader: inout FaissReader, depth: Int) throws(FileError) {
    let code = try reader.code()
    if Self.flat.contains(code) {
      try readFlat(&reader)
    } else if Self.mapped.contains(code), depth == 0 {
      let header = try reader.header()
      try readIndex(&reader, depth: 1)
      let found = try reader.integers()
      guard found.count == count, header.count == count else {
        throw reader.refusal("the map of ids does not have an id for each vector")
      }
      ids = found
    } else if code == "IwFl", depth == 0 {
      try readLists(&reader)
    } else if code == "IHNf", depth == 0 {
      try readGraph(&reader)
    } else {
      throw Self.refusal(code, reader)
    }
  }

  private mutating func readFlat(_ reader: inout FaissReader) throws(FileError) {
    let header = try reader.header()
    let numbers = try reader.skipVector(of: 4)
    guard numbers == header.count * header.dimensions else {
      throw reader.refusal("the index has \(numbers) numbers for \(header.count) vectors")
    }
    dimensions = header.dimensions
    count = header.count
    start = reader.offset - Int64(numbers) * 4
  }

  /// Reads a graph of neighbours, which is not needed, and the flat index behind it.
  private mutating func readGraph(_ reader: inout FaissReader) throws(FileError) {
    let header = try reader.header()
    for size in [8, 4, 4, 8, 4] { _ = try reader.skipVector(of: size) }
    try reader.skip(5 * 4)
    guard Self.flat.contains(try reader.code()) else {
      throw reader.refusal("the graph is not followed by a flat index")
    }
    try readFlat(&reader)
    guard header.count == count, header.dimensions == dimensions else {
      throw reader.refusal("the graph and its vectors have different sizes")
    }
  }

  /// Reads inverted lists: each holds its vectors, and then their ids.
  private mutating func readLists(_ reader: inout FaissReader) throws(FileError) {
    let header = try reader.header()
    let lists = try reader.count()
    _ = try reader.count()
    var centroids = self
    try centroids.readCentroids(&reader)
    let map = try reader.bytes(1)[0]
    guard map <= 2 else { throw reader.refusal("the kind of the direct map is not known") }
    _ = try reader.skipVector(of: 8)
    if map == 2 { _ = try reader.skipVector(of: 16) }
    let width = header.dimensions * 4
    guard try reader.code() == "ilar", try reader.count() == lists, try reader.count() == width
    else { throw reader.refusal("the lists do not have the form that is known") }
    var found: [Int64] = []
    var places: [Int64] = []
    for size in try reader.listSizes(lists) {
      let first = reader.offset
      try reader.skip(size, times: width)
      found += try reader.integers(size)
      for index in 0..<size { places.append(first + Int64(index * width)) }
    }
    guard found.count == header.count else {
      throw reader.refusal("the lists have \(found.count) vectors, the index \(header.count)")
    }
    (dimensions, count, ids, offsets) = (header.dimensions, header.count, found, places)
  }

  private mutating func readCentroids(_ reader: inout FaissReader) throws(FileError) {
    guard Self.flat.contains(try reader.code()) else {
      throw reader.refusal("the centroids are not in a flat index")
    }
    try readFlat(&reader)
  }

  private static func refusal(_ code: String, _ reader: FaissReader) -> FileError {
    let changed = ["IxPq", "IxSQ", "IwPQ", "IwSq", "IHNs", "INSf", "IxHe", "IxRF", "IxPT"]
    return reader.refusal(
      changed.contains(code)
        ? "an index of the kind \(code) does not hold the vectors as they were given"
        : "an index of the kind \(ShownText.of(code)) is not known",
      remedy: "build a flat index (IndexFlatL2 or IndexFlatIP) from the documents, and save it")
  }
}
