import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite("Stores in a place that the operator names")
struct GivenPlaceTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory("given") }

  private func write(_ path: String, id: String = "a") throws {
    try directory.write(
      #"{"\#(id)": {"id": "\#(id)", "vector": [1, 2], "text": "t", "metadata": {}}}"#, to: path)
  }

  private func found(
    _ path: String, collection: String? = nil, format: String? = nil
  ) throws -> [FoundStore] {
    let format = StoreFormat.all.first { $0.name == format }
    let place = GivenPlace(
      path: directory.file(path), user: "ann", collection: collection, format: format)
    return try StoreScanner(root: "", place: place).stores()
  }

  @Test("a file with any name is a store of the user, and its name is the collection")
  func file() throws {
    for name in ["notes.json", "dump.bin", "plain"] {
      try write("else/\(name)")
      let store = try #require(try found("else/\(name)").first)
      let stem = name.split(separator: ".")[0]
      #expect(store.name == StoreName(user: "ann", collection: String(stem)))
      #expect(store.path == directory.file("else/\(name)") && store.state == .complete)
      let reader = try StoreReader(
        directory: store.path, store: store, keys: KeyRing(environment: [:]))
      #expect(try reader.all().map(\.vector) == [[1, 2]])
    }
  }

  @Test("the operator's collection is the name of a single store")
  func collection() throws {
    try write("notes.json")
    #expect(try found("notes.json", collection: "other").map(\.name.collection) == ["other"])
  }

  @Test("a folder is looked through as a user's folder is, and names are not given to many stores")
  func folder() throws {
    try write("all/one.json")
    try write("all/two.json")
    try directory.write("text", to: "all/readme.txt")
    let stores = try found("all/", collection: "other")
    #expect(stores.map(\.name.collection) == ["one", "two"])
    #expect(stores.map(\.path) == ["one", "two"].map { directory.file("all/\($0).json") })
  }

  @Test("two stores that end in one collection are refused by name, with the way out")
  func doubles() throws {
    try write("all/one.json")
    try directory.write(#"{"id": "a", "text": "t", "embedding": [1]}"#, to: "all/one.jsonl")
    for store in try found("all") {
      let refusal = try #require(store.refusal)
      #expect(refusal.description.contains("is the collection ann/one as well as"))
      #expect(refusal.description.contains("give --from one of them with a --collection"))
    }
  }

  @Test(
    "a place without a store is refused, and the message says why",
    arguments: [
      ("none.json", nil, "does not exist; check the path after --from"),
      ("readme.txt", nil, "no store of a known format was found here; the formats are"),
      ("notes.json", "llamaindex", "no store of the format llamaindex was found here; leave"),
      ("link.json", nil, "replace the link by the path of what it points to"),
    ] as [(String, String?, String)])
  func refused(path: String, format: String?, message: String) throws {
    try write("notes.json")
    try directory.write("text", to: "readme.txt")
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("link.json"), withDestinationPath: "notes.json")
    let error = #expect(throws: StoreError.self) { try found(path, format: format) }
    #expect(error?.description.contains(message) == true)
  }

  @Test(
    "names that cannot be used are refused", arguments: ["a/b", "..", ""])
  func names(user: String) throws {
    try write("notes.json")
    let place = GivenPlace(path: directory.file("notes.json"), user: user)
    let error = #expect(throws: StoreError.self) {
      try StoreScanner(root: "", place: place).stores()
    }
    #expect(error?.kind == .name)
  }
}
