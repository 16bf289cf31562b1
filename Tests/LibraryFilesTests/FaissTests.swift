import Files
import Foundation
import JSON
import LibraryFiles
import TestSupport
import Testing

@Suite("LangChain's FAISS")
struct FaissTests {
  static let versions = [
    "faiss-0.0.200", "faiss-0.1.20", "faiss-0.2.19", "faiss-0.3.31", "faiss-0.4.2",
  ]

  static func rows(_ folder: Directory, _ name: String = "index") throws -> FaissRows {
    try FaissRows(
      index: folder.openFile(named: "\(name).faiss"), texts: folder.openFile(named: "\(name).pkl"))
  }

  @Test("documents and vectors are those that the library returns", arguments: versions)
  func same(version: String) throws {
    let files = try LibraryCase(version)
    let stores = try #require(files.expected["stores"]?.arrayValue)
    #expect(stores.count == 5)
    for store in stores {
      let place = try #require(store["folder"]?.stringValue)
      let folder = try Directory(path: "\(files.path)/\(place)")
      let rows = try Self.rows(folder, try #require(store["name"]?.stringValue))
      let wanted = try #require(store["documents"]?.arrayValue)
        .map { try ReadDocument(expected: $0) }
        .sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
      #expect(try rows.all() == wanted, "\(version) \(place)")
    }
  }

  @Test(
    "an index that does not hold the vectors is refused by its kind",
    arguments: [
      "IxPq", "IxSQ", "IwPQ", "IwSq", "IHNs", "INSf", "IxHe", "IxRF", "IxPT",
    ])
  func kinds(code: String) throws {
    let files = try LibraryCase("faiss-0.4.2")
    try files.change("flat/index.faiss") { $0.replaceSubrange(0..<4, with: Array(code.utf8)) }
    let refusal = files.refusal { try Self.rows(Directory(path: "\(files.path)/flat")) }
    #expect(refusal?.problem.contains(code) == true)
    #expect(refusal?.remedy.contains("flat index") == true)
  }

  @Test("positions and documents that do not belong together are refused")
  func pairs() throws {
    let files = try LibraryCase("faiss-0.4.2")
    let folder = "\(files.path)/mixed"
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try manager.copyItem(
      atPath: "\(files.path)/hnsw/index.faiss", toPath: "\(folder)/index.faiss")
    try manager.copyItem(atPath: "\(files.path)/ivf/index.pkl", toPath: "\(folder)/index.pkl")
    let refusal = files.refusal { try Self.rows(Directory(path: folder)) }
    #expect(refusal?.problem.contains("20 vectors") == true)
    #expect(refusal?.problem.contains("30") == true)
  }

  @Test("every prefix of the two files is refused", arguments: ["index.faiss", "index.pkl"])
  func prefixes(name: String) throws {
    let files = try LibraryCase("faiss-0.4.2")
    let folder = try Directory(path: "\(files.path)/hnsw")
    let whole = try files.bytes("hnsw/\(name)")
    for count in stride(from: 0, to: whole.count, by: Oracle.isFullRun ? 1 : 7) {
      try files.write(Array(whole[..<count]), to: "hnsw/\(name)")
      #expect(files.refusal { try Self.rows(folder) } != nil, "\(count) bytes")
    }
  }

  @Test("a changed bit is refused, or only documents differ")
  func flips() throws {
    let files = try LibraryCase("faiss-0.1.20")
    for place in ["ivf", "map", "hnsw"] {
      try files.flip(["\(place)/index.faiss", "\(place)/index.pkl"], seed: 31) {
        try Self.rows(Directory(path: "\(files.path)/\(place)"))
      }
    }
  }
}
