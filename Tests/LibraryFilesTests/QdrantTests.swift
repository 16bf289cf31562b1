import Files
import JSON
import LibraryFiles
import SQLite
import TestSupport
import Testing

@Suite("Qdrant's local mode")
struct QdrantTests {
  static let versions = [
    "qdrant-1.1.7", "qdrant-1.7.3", "qdrant-1.9.2", "qdrant-1.12.2", "qdrant-1.20.0",
  ]

  static func folder(_ files: LibraryCase, _ collection: String) throws -> Directory {
    try Directory(path: "\(files.path)/collection/\(collection)")
  }

  @Test("points are those that the library returns", arguments: versions)
  func same(version: String) throws {
    let files = try LibraryCase(version)
    for store in try #require(files.expected["stores"]?.arrayValue) {
      let name = try #require(store["collection"]?.stringValue)
      let folder = try Self.folder(files, name)
      if name == "several" {
        let refusal = files.refusal { try QdrantRows(in: folder) }
        #expect(refusal?.problem == "the point has 2 vectors with names")
        continue
      }
      let wanted = try #require(store["documents"]?.arrayValue)
        .map(Self.document).sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
      #expect(try QdrantRows(in: folder).all() == wanted, "\(version) \(name)")
      let look = try QdrantRows.look(in: folder)
      #expect(look.count == wanted.count && look.dimensions == 8)
    }
  }

  /// Takes a point from what the library returned: the text and the metadata of its payload, and
  /// the vector that was given, because the library returns unit vectors for cosine.
  private static func document(_ point: JSONValue) throws -> ReadDocument {
    var document = try ReadDocument(
      expected: [
        "id": point["id"] ?? .null, "vector": point["given"] ?? .null, "metadata": .null,
        "text": .null,
      ])
    guard case .object(var payload)? = point["payload"] else { return document }
    for name in ["text", "page_content", "content"] where document.text == nil {
      document.text = payload[name]?.stringValue
      if document.text != nil { payload[name] = nil }
    }
    if payload.names == ["metadata"], case .object(let inner)? = payload["metadata"] {
      payload = inner
    }
    document.metadata = JSONValue.object(payload).sorted
    return document
  }

  @Test("a point of another class, and a hostile one, are refused")
  func classes() throws {
    let files = try LibraryCase("qdrant-1.20.0")
    let folder = try Self.folder(files, "one-named")
    let path = "\(folder.path)/storage.sqlite"
    for (pickle, words) in [
      ("cos\nsystem\n(S'true'\ntR.", "os system"),
      ("clangchain.schema\nDocument\n)\u{81}.", "langchain.schema"),
      ("}.", "no point"),
    ] {
      let bytes = pickle.unicodeScalars.map { UInt8($0.value) }
      try Database(path: path, mode: .readWrite).run(
        "UPDATE points SET point = ?1 WHERE rowid = 2", [.blob(bytes)])
      let refusal = files.refusal { try QdrantRows(in: folder) }
      #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "none")")
      #expect(refusal?.place == "points, row 2")
    }
  }

  @Test("every prefix of a small file, and a changed bit, is refused or read")
  func damage() throws {
    let files = try LibraryCase("qdrant-1.9.2")
    let name = "collection/names/storage.sqlite"
    let folder = try Self.folder(files, "names")
    let whole = try files.bytes(name)
    for count in stride(from: 0, to: whole.count, by: Oracle.isFullRun ? 1 : 97) {
      try files.write(Array(whole[..<count]), to: name)
      #expect(files.refusal { try QdrantRows(in: folder) } != nil, "\(count) bytes")
    }
    try files.write(whole, to: name)
    try files.flip([name], seed: 32) { try QdrantRows(in: folder) }
  }
}
