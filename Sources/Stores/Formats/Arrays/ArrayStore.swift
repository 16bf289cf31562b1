internal import Files
internal import JSON

/// The format of an array of vectors, `<stem>.npy`, `<stem>.npz` or `<stem>.safetensors`, with the
/// texts beside it in `<stem>.jsonl` or `<stem>.json`, as many and in the same order.
struct ArrayStore: EntryFormat {
  var name: String { "arrays" }
  var hasKeys: Bool { false }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let name = entry.name.text.lowercased()
    guard UserEntry.arrayEndings.contains(where: { name.hasSuffix(".\($0)") }),
      let store = try entry.storeFile(endings: UserEntry.arrayEndings, where: { _ in true })
    else { return [] }
    let stem = String(decoding: entry.stem, as: UTF8.self)
    let hasArray = try entry.directory.facts(named: "\(stem).json") != nil
    return [
      RecognizedStore(
        collection: store.collection, isFolder: false,
        fileNames: [entry.name.text, hasArray ? "\(stem).json" : "\(stem).jsonl"])
    ]
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 2 }

  func content(of file: String) -> StoreFile.Content {
    UserEntry.arrayEndings.contains { file.lowercased().hasSuffix(".\($0)") } ? .vectors : .texts
  }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let names = store.files.map(\.name)
    let array = try folder.openFile(named: names.first { content(of: $0) == .vectors } ?? "")
    let texts = try JSONFile(
      names.first { content(of: $0) == .texts } ?? "", in: folder, options)
    let vectors = try ArrayVectors(array, try Self.outline(of: array))
    return (try TextEntries(texts, beside: array), vectors)
  }

  /// Reads the header of an array's file.
  private static func outline(of file: InputFile) throws(StoreError) -> ArrayOutline {
    do {
      let name = file.path.lowercased()
      if name.hasSuffix(".safetensors") { return try Safetensors.outline(of: file) }
      let isArchive = name.hasSuffix(".npz")
      let place =
        isArchive ? try ZipOutline.onlyFile(in: file) : (offset: 0, size: Int(file.facts.size))
      var bytes = [UInt8](repeating: 0, count: min(place.size, NumpyHeader.limit + 12))
      let done = try bytes.withUnsafeMutableBytes {
        try file.read(into: $0, at: Int64(place.offset))
      }
      var outline = try NumpyHeader.outline(Array(bytes[..<done]))
      guard outline.byteCount == place.size - outline.offset else {
        throw UnreadableArray(
          problem: "its size is not that of \(outline.rows) × \(outline.columns) numbers",
          remedy: "restore the file")
      }
      outline.offset += place.offset
      return outline
    } catch let error as StoreError {
      throw error
    } catch let error as UnreadableArray {
      throw StoreError(.vectors, file: file.path, problem: error.problem, remedy: error.remedy)
    } catch let error as JSONError {
      throw StoreError(
        .vectors, file: file.path, problem: "its header: \(error.reason)", remedy: "")
    } catch {
      throw StoreError(.vectors, file: file.path, problem: "\(error)", remedy: "")
    }
  }
}

/// The texts of an array's vectors: JSON lines, or an array of objects.
private final class TextEntries: EntrySource {
  let names: EntryNames
  private let file: JSONFile
  private let array: InputFile
  private var parts: [FilePart] = []
  private var bytes: [UInt8] = []

  var path: String { file.path }
  var count: Int { parts.count }

  init(_ file: JSONFile, beside array: InputFile) throws(StoreError) {
    self.file = file
    self.array = array
    var names = EntryNames.tables
    names.vectors = []
    self.names = names
    var entry = JSONEntry()
    try file.walk { walker in
      let isArray = try walker.kind() == .array
      if isArray { try walker.enter(.array) }
      while isArray ? try walker.nextElement() : try !walker.isAtEnd() {
        guard let part = FilePart(try walker.entry(parts.count, into: &entry)) else {
          throw file.changed
        }
        parts.append(part)
      }
    }
  }

  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try file.read(parts[position], index: position, into: &entry, &bytes)
  }

  func checkUnchanged() throws(StoreError) {
    try file.handle.checkUnchanged()
    try array.checkUnchanged()
  }
}
