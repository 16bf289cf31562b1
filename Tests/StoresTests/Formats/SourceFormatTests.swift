import Files
import Stores
import TestSupport
import Testing

@Suite("Formats of stores")
struct SourceFormatTests {
  private static let formats = StoreFormat.all + [StoreFormat(LineFormat())]

  private func found(_ maker: StoreMaker) throws -> [FoundStore] {
    try StoreScanner(root: maker.root, formats: Self.formats).stores()
  }

  @Test("a store of another format is found, described and read beside those of the first")
  func beside() throws {
    let maker = try StoreMaker().write(rows: [[1, 2]], json: #"[{"text": "a"}]"#)
    try maker.directory.write("1,0.5,2 first\n3,4,-5 second one\n", to: "user_data/alice/b.rows")
    try maker.directory.write("other", to: "user_data/alice/b.txt")
    let stores = try found(maker)
    #expect(stores.map(\.format.name) == ["lines", "SimpleVectorStore"])
    let lines = try #require(stores.first)
    #expect(lines.name == StoreName(user: "alice", collection: "b"))
    #expect(lines.path == "\(maker.root)/alice/b.rows" && lines.files.map(\.name) == ["b.rows"])
    #expect(lines.vectorsFile == "b.rows" && lines.textSize == 0)
    #expect(StorePeek(lines).description == "2 × 3, plain")
    let reader = try StoreReader(
      directory: lines.path, store: lines, keys: KeyRing(environment: [:]))
    try reader.check()
    let all = try reader.all()
    #expect(all.map(\.document.text) == ["first", "second one"])
    #expect(all.map(\.vector) == [[1, 0.5, 2], [3, 4, -5]])
    #expect(reader.equalDocuments?.distinctDocuments == 2)
    try reader.compareVectorsAlone()
  }

  @Test("a store that a format refuses is refused by name, and the others are not")
  func refused() throws {
    let maker = try StoreMaker().write(rows: [[1, 2]], json: #"[{"text": "a"}]"#)
    try maker.directory.write("1,2 a\n3 b\n", to: "user_data/alice/b.rows")
    let stores = try found(maker)
    #expect(stores.map { StorePeek($0).problem } == ["is no row", nil])
    let refusal = #expect(throws: StoreError.self) {
      try StoreReader(
        directory: stores[0].path, store: stores[0], keys: KeyRing(environment: [:]))
    }
    #expect(refusal?.description.contains("alice/b.rows: line 2: is no row") == true)
  }

  @Test("two stores of one user and collection are both refused, and each names the other")
  func doubles() throws {
    let maker = try StoreMaker().write(rows: [[1, 2]], json: #"[{"text": "a"}]"#)
    for file in ["notes.rows", "other.rows"] {
      try maker.directory.write("1,2 a\n", to: "user_data/alice/\(file)")
    }
    let stores = try found(maker)
    #expect(stores.map(\.name.collection) == ["notes", "notes", "other"])
    for store in stores {
      guard case .unreadable(let reason) = store.state else {
        #expect(store.name.collection == "other" && store.refusal == nil)
        continue
      }
      let other = store.format == .simple ? "alice/notes.rows" : "alice/vector_store_notes"
      #expect(reason.contains("is the collection alice/notes as well as \(maker.root)/\(other) is"))
    }
  }

  @Test("formats have names of their own")
  func names() {
    #expect(Set(StoreFormat.all.map(\.name)).count == StoreFormat.all.count)
    #expect(StoreFormat.all.first?.name == "SimpleVectorStore")
  }
}
