internal import Files
internal import JSON

/// Entries that are objects of one JSON file, each with its vector in a member.
final class EntryRows: EntrySource {
  let names: EntryNames
  let file: JSONFile
  private(set) var vectors = VectorParts()
  private var parts: [FilePart] = []
  /// The ids of entries without a vector.
  private var withoutVector: [String] = []
  private var bytes: [UInt8] = []

  /// Creates an empty list for the entries of a file.
  init(_ file: JSONFile, names: EntryNames) {
    self.file = file
    self.names = names
  }

  var path: String { file.path }
  var count: Int { parts.count }

  /// The vectors of the entries; refuses entries without a vector.
  func vectorSource() throws(StoreError) -> any VectorSource {
    if !withoutVector.isEmpty {
      let shown = withoutVector.prefix(5).map { ShownText.of($0) }.joined(separator: ", ")
      let others = withoutVector.count > 5 ? " and \(withoutVector.count - 5) more" : ""
      throw StoreError(
        .vectors, file: path, place: "id \(shown)\(others)", problem: "has no vector",
        remedy: "embed these documents with the library, or delete them from the store")
    }
    return JSONVectors(file, vectors)
  }

  /// Reads the next entry, where the walker stands, and notes its place and that of its vector.
  ///
  /// - Parameter key: the key of the entry, which its id must be equal to; nil for an entry without
  ///   a key.
  func add(from walker: JSONWalker, into entry: inout JSONEntry, key: String? = nil) throws {
    let index = parts.count + withoutVector.count
    let range = try walker.entry(index, into: &entry)
    guard let part = FilePart(range) else { throw file.changed }
    if let lacking = names.required.first(where: { entry.firstMember(named: $0) == nil }) {
      throw StoreError(
        .metadata, file: path, place: "entry \(index), \(entry.position)",
        problem: "lacks the member \(lacking.joined(separator: " or "))", remedy: "restore the file"
      )
    }
    let id = entry.firstMember(named: names.ids)
    if let key, let id, let word = entry.string(of: id), !word.utf8.elementsEqual(key.utf8) {
      throw StoreError(
        .metadata, file: path, place: "entry \(index)",
        problem: "its key and its id are different", remedy: "restore the file")
    }
    let member = entry.firstMember(named: names.vectors)
    guard let member, let count = member.elementCount else {
      if let member, member.kind != .null {
        let found = member.kind == .array ? "an array of other things" : "\(member.kind)"
        throw StoreError(
          .vectors, file: path, place: "entry \(index), \(entry.position)",
          problem: "the vector is \(found), not an array of numbers",
          remedy: "embed this document again, or restore the file")
      }
      let word = if let id { entry.string(of: id) } else { String?.none }
      withoutVector.append(key ?? word ?? "entry \(index)")
      return
    }
    let start = range.lowerBound
    try vectors.add(
      start + member.value.lowerBound..<start + member.value.upperBound, count: count, path)
    parts.append(part)
  }

  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try file.read(parts[position], index: position, into: &entry, &bytes)
  }

  func checkUnchanged() throws(StoreError) { try file.handle.checkUnchanged() }
}
