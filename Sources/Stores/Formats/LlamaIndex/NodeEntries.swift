internal import Files
internal import JSON

/// The nodes of a LlamaIndex store that have a vector, each with its text from `docstore.json`.
final class NodeEntries: EntrySource {
  let names: EntryNames
  private let file: JSONFile
  private let texts: JSONFile
  private var vectors = VectorParts()
  /// The places of the ids, in the file of vectors.
  private var ids: [FilePart] = []
  /// The places of the nodes, in `docstore.json`.
  private var nodes: [FilePart] = []
  private var bytes: [UInt8] = []

  var path: String { texts.path }
  var count: Int { nodes.count }
  var vectorSource: any VectorSource { JSONVectors(file, vectors) }

  /// Walks through the file of vectors; refuses an id that `docstore.json` does not have.
  init(_ file: JSONFile, texts: JSONFile, _ places: EntryPlaces) throws(StoreError) {
    self.file = file
    self.texts = texts
    var names = EntryNames()
    names.texts = ["text"]
    names.timestamps = []
    names.objects = ["metadata"]
    self.names = names
    var isFound = false
    try file.walk { walker in
      try walker.enter(.object)
      while let key = try walker.nextKey() {
        guard key == "embedding_dict" else {
          try walker.skip()
          continue
        }
        guard !isFound else { throw walker.repeatedKey() }
        isFound = true
        try walker.enter(.object)
        while let id = try walker.nextKey() { try add(id, walker, places) }
      }
      if !isFound { throw walker.missingKey("embedding_dict") }
    }
  }

  private func add(_ id: String, _ walker: JSONWalker, _ places: EntryPlaces) throws {
    guard let node = try places.part(of: id) else {
      throw StoreError(
        .metadata, file: texts.path, place: "id \(ShownText.of(id))",
        problem: "has a vector, and no node in this file",
        remedy: "restore all files of the folder from the same moment, or delete the id with "
          + "LlamaIndex")
    }
    guard let key = FilePart(walker.keyRange) else { throw file.changed }
    let (range, count) = try walker.skipNumbers()
    try vectors.add(range, count: count, file.path)
    ids.append(key)
    nodes.append(node)
  }

  /// Replaces `entry` by an object of the node's id, text and metadata.
  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try texts.read(nodes[position], index: position, into: &entry, &bytes)
    let node = try node(entry, position)
    try file.read(ids[position], into: &bytes)
    var joined = Array("{\"id\":".utf8) + bytes[..<ids[position].count]
    func add(_ name: String, _ value: ArraySlice<UInt8>) {
      joined += Array(",\"\(name)\":".utf8) + value
    }
    if let text = node.member(named: "text"), text.kind == .string {
      add("text", node.bytes[text.value])
    } else if let resource = node.member(named: "text_resource"),
      let object = try object(resource, of: node, position),
      let text = object.member(named: "text"), text.kind == .string
    {
      add("text", object.bytes[text.value])
    }
    let metadata = node.member(named: "metadata") ?? node.member(named: "extra_info")
    if let metadata, metadata.kind == .object { add("metadata", node.bytes[metadata.value]) }
    joined.append(UInt8(ascii: "}"))
    try texts.parse(joined, count: joined.count, index: position, into: &entry)
  }

  /// Returns the node in an object of `docstore.json`.
  private func node(_ entry: JSONEntry, _ position: Int) throws(StoreError) -> JSONEntry {
    guard let data = entry.member(named: "__data__"),
      let node = try object(data, of: entry, position)
    else {
      throw StoreError(
        .metadata, file: texts.path, place: "entry \(position), \(entry.position)",
        problem: "the node has no object __data__", remedy: "restore the file")
    }
    return node
  }

  private func object(
    _ member: JSONEntry.Member, of entry: JSONEntry, _ position: Int
  ) throws(StoreError) -> JSONEntry? {
    do {
      return try entry.object(of: member, limits: texts.limits)
    } catch {
      throw texts.refusal(error, entry: position)
    }
  }

  func checkUnchanged() throws(StoreError) {
    try file.handle.checkUnchanged()
    try texts.handle.checkUnchanged()
  }
}
