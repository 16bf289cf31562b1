internal import Files
internal import JSON

/// The chunks of LightRAG 1.1, whose texts are in another file than their vectors.
final class ChunkEntries: EntrySource {
  private let nano: NanoFile
  private let texts: JSONFile
  private let parts: [FilePart]
  private var bytes: [UInt8] = []

  var path: String { nano.path }
  var count: Int { nano.count }
  var names: EntryNames { nano.names }

  /// Finds the text of each chunk; refuses a chunk without one.
  init(_ nano: NanoFile, _ texts: JSONFile) throws(StoreError) {
    self.nano = nano
    self.texts = texts
    let places = try EntryPlaces(texts) { walker, place in
      try walker.enter(.object)
      while let key = try walker.nextKey() { try place(key) }
    }
    var parts: [FilePart] = []
    var entry = JSONEntry()
    for position in 0..<nano.count {
      try nano.read(position, into: &entry)
      let id = entry.member(named: "__id__").flatMap { entry.string(of: $0) } ?? ""
      guard let part = try places.part(of: id) else {
        throw StoreError(
          .metadata, file: texts.path, place: "id \(id)", problem: "the chunk's text is missing",
          remedy: "restore all files of the folder from the same moment")
      }
      parts.append(part)
    }
    self.parts = parts
  }

  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try texts.read(parts[position], index: position, into: &entry, &bytes)
    var joined: [UInt8] = []
    // The text's object has the text and facts about it; the id is the other file's.
    entry.appendObject(without: { entry.key(of: $0) == "__id__" }, to: &joined)
    joined.removeLast()
    var own = JSONEntry()
    try nano.read(position, into: &own)
    guard let id = own.member(named: "__id__") else { throw nano.file.changed }
    if joined.count > 1 { joined.append(UInt8(ascii: ",")) }
    joined += Array("\"__id__\":".utf8) + own.bytes[id.value] + [UInt8(ascii: "}")]
    try texts.parse(joined, count: joined.count, index: position, into: &entry)
  }

  func checkUnchanged() throws(StoreError) {
    try nano.checkUnchanged()
    try texts.handle.checkUnchanged()
  }
}
