internal import Files
internal import Pickle

/// The vectors that Chroma has saved in the folder of a segment, in the form of hnswlib.
///
/// `data_level0.bin` holds one element after the other: links, the vector, and a label.
/// `index_metadata.pickle` says which document has which label.
package struct SavedVectors {
  static let pickle = "index_metadata.pickle"
  /// The files that hold vectors, and the links between them, which are not needed.
  package static let names = [
    "header.bin", "data_level0.bin", "length.bin", "link_lists.bin", pickle,
  ]
  /// The class of the pickle's object up to Chroma 0.6; later it is a dictionary.
  private static let className =
    "chromadb.segment.impl.vector.local_persistent_hnsw.PersistentData"

  let data: InputFile
  let header: SavedHeader
  private let lengths: InputFile
  private let pickled: InputFile
  /// The last change of the log that is in these files, as the pickle says; nil where it does not.
  let lastChange: Int64?
  /// The documents and their labels, as in the pickle.
  private let labels: [PickleValue.Pair]

  /// Opens the files; nil where nothing has been saved.
  init?(in folder: Directory, segment: String) throws(FileError) {
    guard try folder.facts(named: segment) != nil else { return nil }
    let inner = try folder.openDirectory(named: segment)
    guard try inner.facts(named: Self.pickle) != nil else { return nil }
    let head = try inner.openFile(named: "header.bin")
    data = try inner.openFile(named: "data_level0.bin")
    lengths = try inner.openFile(named: "length.bin")
    pickled = try inner.openFile(named: Self.pickle)
    header = try SavedHeader(head, data: data)
    guard lengths.facts.size >= Int64(header.count) * 4 else {
      throw FileError(
        .vectorData, file: lengths.path,
        problem: "is too short for \(header.count) vectors", remedy: Self.remedy)
    }
    let pickle = PickledObjects(path: pickled.path, kind: .vectorData, remedy: Self.remedy)
    let value = try pickle.value(FilePickleSource(handle: pickled), classes: [Self.className])
    let (labels, change) = try Self.content(of: value, pickled.path)
    (self.labels, lastChange) = (labels, change)
  }

  /// Calls `body` with each document that lives, and the number of its element.
  func forEachDocument(_ body: (String, Int) throws -> Void) throws {
    let elements = try elementsByLabel()
    for pair in labels {
      guard case .string(let id) = pair.key, case .int(let label) = pair.value,
        let element = elements[UInt64(bitPattern: Int64(label))]
      else {
        throw Self.refusal(pickled.path, "names an element that the saved vectors do not have")
      }
      try body(id, element)
    }
  }

  /// Finds the element of each label; elements that were deleted are left out.
  private func elementsByLabel() throws -> [UInt64: Int] {
    var elements: [UInt64: Int] = [:]
    elements.reserveCapacity(labels.count)
    let batch = max(1, (1 << 20) / header.size)
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: batch * header.size, alignment: 16)
    defer { memory.deallocate() }
    for first in stride(from: 0, to: header.count, by: batch) {
      let count = min(batch, header.count - first)
      let part = UnsafeMutableRawBufferPointer(rebasing: memory[..<(count * header.size)])
      guard try data.read(into: part, at: Int64(first * header.size)) == part.count else {
        throw Self.refusal(data.path, "became shorter while it was read")
      }
      for index in 0..<count {
        let start = index * header.size
        if part[start + 2] & 1 != 0 { continue }
        let label = part.loadUnaligned(fromByteOffset: start + header.labelOffset, as: UInt64.self)
        guard elements.updateValue(first + index, forKey: UInt64(littleEndian: label)) == nil else {
          throw Self.refusal(data.path, "has two elements with one label")
        }
      }
    }
    return elements
  }

  /// Reads the vector of an element, as it is in the file.
  func read(_ element: Int, into vector: UnsafeMutableBufferPointer<Float>) throws(FileError) {
    let place = Int64(element * header.size + header.dataOffset)
    guard try data.read(into: UnsafeMutableRawBufferPointer(vector), at: place) == vector.count * 4
    else { throw Self.refusal(data.path, "became shorter while it was read") }
  }

  /// Multiplies the unit vector of an element by its length.
  func scale(_ element: Int, _ vector: UnsafeMutableBufferPointer<Float>) throws(FileError) {
    guard let bytes = try lengths.bytes(at: Int64(element) * 4, count: 4) else {
      throw Self.refusal(lengths.path, "became shorter while it was read")
    }
    let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: Float.self) }
    for index in vector.indices { vector[index] *= length }
  }

  func checkUnchanged() throws(FileError) {
    for file in [data, lengths, pickled] { try file.checkUnchanged() }
  }

  private static func content(of value: PickleValue, _ path: String) throws(FileError)
    -> (labels: [PickleValue.Pair], lastChange: Int64?)
  {
    var fields = value
    if case .object(className, let arguments, let state) = value, arguments.isEmpty {
      fields = state
    }
    guard case .dictionary = fields, case .dictionary(let labels)? = fields["id_to_label"] else {
      throw refusal(path, "does not have the form that Chroma writes")
    }
    switch fields["max_seq_id"] {
    case .some(.int(let number)): return (labels, Int64(number))
    case nil, .some(.none): return (labels, nil)
    default: throw refusal(path, "does not have the form that Chroma writes")
    }
  }

  private static func refusal(_ path: String, _ problem: String) -> FileError {
    FileError(.vectorData, file: path, problem: problem, remedy: remedy)
  }

  static let remedy = "restore the folder of the segment from a copy"
}

/// The numbers in `header.bin`, by which the other files are read.
struct SavedHeader {
  /// The number of elements.
  let count: Int
  /// The number of bytes of each element.
  let size: Int
  let labelOffset: Int
  let dataOffset: Int
  /// The number of numbers in each vector.
  let dimensions: Int

  /// Reads the header, and checks that its numbers fit each other and the file of elements.
  init(_ file: InputFile, data: InputFile) throws(FileError) {
    guard file.facts.size == 100, let bytes = try file.bytes(at: 0, count: 100) else {
      throw Self.refusal(file.path, "has \(file.facts.size) bytes and not 100")
    }
    func number(_ offset: Int) -> UInt64 {
      bytes.withUnsafeBytes {
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      }
    }
    let version = bytes[0..<4].elementsEqual([1, 0, 0, 0])
    let limit: UInt64 = 1 << 40
    let links = number(68)
    guard version, number(4) == 0, links < 1 << 20, number(44) == 4 + 4 * links,
      number(36) > number(44), (number(36) - number(44)).isMultiple(of: 4),
      number(36) - number(44) <= 4 << 20, number(28) == number(36) + 8, number(20) < limit
    else { throw Self.refusal(file.path, "does not have the form that Chroma writes") }
    count = Int(number(20))
    size = Int(number(28))
    labelOffset = Int(number(36))
    dataOffset = Int(number(44))
    dimensions = (labelOffset - dataOffset) / 4
    let (needed, isTooLarge) = Int64(count).multipliedReportingOverflow(by: Int64(size))
    guard !isTooLarge, data.facts.size >= needed else {
      throw Self.refusal(
        data.path, "has \(data.facts.size) bytes, too few for \(count) vectors of \(dimensions)")
    }
  }

  private static func refusal(_ path: String, _ problem: String) -> FileError {
    FileError(.vectorData, file: path, problem: problem, remedy: SavedVectors.remedy)
  }
}
