internal import Files
internal import JSON

/// The entries of a file of nano-vectordb, and the places of its vectors.
final class NanoFile: EntrySource {
  let file: JSONFile
  let names: EntryNames
  let vectors: MatrixVectors
  private let parts: [FilePart]
  private var bytes: [UInt8] = []

  var path: String { file.path }
  var count: Int { parts.count }

  /// Walks through a file, and checks that it has as many vectors as entries.
  init(_ file: JSONFile) throws(StoreError) {
    self.file = file
    var dimensions: Int?
    var parts: [FilePart]?
    var matrix: Range<Int>?
    var entry = JSONEntry()
    try file.walk { walker in
      try walker.enter(.object)
      while let key = try walker.nextKey() {
        switch key {
        case "embedding_dim":
          guard dimensions == nil else { throw walker.repeatedKey() }
          dimensions = try Self.number(walker, file)
        case "data":
          guard parts == nil else { throw walker.repeatedKey() }
          var list: [FilePart] = []
          try walker.enter(.array)
          while try walker.nextElement() {
            guard let part = FilePart(try walker.entry(list.count, into: &entry)) else {
              throw file.changed
            }
            guard entry.member(named: "__id__") != nil else {
              throw walker.missingKey("__id__")
            }
            list.append(part)
          }
          parts = list
        case "matrix":
          guard matrix == nil else { throw walker.repeatedKey() }
          matrix = try walker.skipPlainString()
        default: try walker.skip()
        }
      }
      if dimensions == nil { throw walker.missingKey("embedding_dim") }
      if parts == nil { throw walker.missingKey("data") }
      if matrix == nil { throw walker.missingKey("matrix") }
    }
    self.parts = parts ?? []
    vectors = try MatrixVectors(
      file, matrix ?? 0..<0, rows: self.parts.count, dimensions: dimensions ?? 0)
    var names = EntryNames()
    names.ids = ["__id__"]
    names.texts = ["content", "text", "page_content", "document"]
    names.timestamps = []
    names.seconds = ["__created_at__"]
    names.vectors = ["vector", "__vector__"]
    self.names = names
  }

  private static func number(_ walker: JSONWalker, _ file: JSONFile) throws -> Int {
    let position = walker.position
    guard try walker.kind() == .number, let part = FilePart(try walker.skip()) else {
      throw StoreError(
        .metadata, file: file.path, place: "\(position)",
        problem: "embedding_dim is not a number", remedy: "restore the file")
    }
    var bytes: [UInt8] = []
    try file.read(part, into: &bytes)
    let word = String(decoding: bytes[..<part.count], as: UTF8.self)
    guard let number = Int(word), (1...16_000).contains(number) else {
      throw StoreError(
        .dimensions, file: file.path, place: "\(position)",
        problem: "embedding_dim is \(word.prefix(20)); pgvector holds 1 to 16000 dimensions",
        remedy: "embed the store's texts with a model of fewer dimensions")
    }
    return number
  }

  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try file.read(parts[position], index: position, into: &entry, &bytes)
  }

  func checkUnchanged() throws(StoreError) { try file.handle.checkUnchanged() }
}
