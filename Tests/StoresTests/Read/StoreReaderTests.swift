import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite("StoreReader")
struct StoreReaderTests {
  private static func store(_ count: Int) throws -> StoreMaker {
    let entries = (0..<count).map { #"{"id": "doc_\#($0)", "text": "text \#($0)", "n": \#($0)}"# }
    return try StoreMaker().write(
      rows: (0..<count).map { [Double($0), 1, 2] }, json: "[\(entries.joined(separator: ",\n"))]")
  }

  @Test("every document has its own vector, whatever the size of the batches")
  func pairs() throws {
    let maker = try Self.store(10)
    for limit in [1, 3, 10, 1000] {
      let reader = try maker.reader()
      #expect(reader.vectorCount == 10 && reader.entryCount == 10 && reader.documentCount == 10)
      #expect(reader.dimensions == 3 && !reader.isEncrypted && reader.findings.isEmpty)
      let all = try reader.all(limit: limit)
      #expect(all.map(\.document.position) == Array(0..<10))
      for (index, (document, vector)) in all.enumerated() {
        #expect(vector == [Float(index), 1, 2])
        #expect(document.text == "text \(index)")
        #expect(document.sourceID == "doc_\(index)")
        #expect(String(decoding: document.metadata, as: UTF8.self) == #"{"n":\#(index)}"#)
        #expect(document.createdAt == nil)
      }
    }
  }

  @Test("a reader that is rewound gives the same documents again, findings once")
  func rewinds() throws {
    let maker = try StoreMaker().write(
      rows: [[0, 0], [1, -0.0], [0, -0.0]],
      json: #"[{"id": "a", "text": "x"}, {"id": "a", "text": "y"}, {"id": "a", "text": "z"}]"#)
    let reader = try maker.reader()
    let first = try reader.all(limit: 2)
    reader.rewind()
    var batch = DocumentBatch()
    #expect(try reader.next(&batch, limit: 1))
    reader.rewind()
    #expect(try reader.all().map(\.document) == first.map(\.document))
    try reader.check()
    #expect(
      reader.findings == [
        StoreFinding(.repeatedID, PositionList(1..<3)), zeros([0, 2]),
        StoreFinding(.negativeZero, PositionList(1..<3)),
      ])
    #expect(first[1].vector.map(\.bitPattern) == [0x3F80_0000, 0x8000_0000])
  }

  private func zeros(_ positions: [Int]) -> StoreFinding {
    var list = PositionList()
    for position in positions { list.append(position) }
    return StoreFinding(.zeroVector, list)
  }

  @Test("an empty store is a store with no documents")
  func empty() throws {
    let reader = try StoreMaker().write(rows: [], json: " [ ] ").reader()
    #expect(reader.documentCount == 0 && reader.dimensions == 0)
    #expect(try reader.all().isEmpty)
  }

  @Test("a snapshot is read in place of the store")
  func snapshot() throws {
    let maker = try Self.store(2)
    let store = try maker.found()
    let copy = maker.directory.file("copy")
    try FileManager.default.copyItem(atPath: store.path, toPath: copy)
    try maker.write(rows: [], json: "[]")
    let reader = try StoreReader(directory: copy, store: store, keys: KeyRing(environment: [:]))
    #expect(try reader.all().count == 2)
    // The last component of the path must not be a link.
    symlink("copy", maker.directory.file("link"))
    let error = #expect(throws: StoreError.self) {
      try StoreReader(
        directory: maker.directory.file("link"), store: store, keys: KeyRing(environment: [:]))
    }
    #expect(error?.description.contains("link: ") == true)
  }

  @Test("a file that changes between the survey and the end is refused")
  func changing() throws {
    let maker = try Self.store(3)
    let changes: [(String, [UInt8])] = [
      ("vectors.pkl", pickledVectors([[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]])),
      ("metadata.json", Array(#"[{"id": "doc_0", "text": "other"}]"#.utf8)),
    ]
    for (name, bytes) in changes {
      let reader = try maker.reader()
      let place = "\(try maker.found().path)/\(name)"
      let old = try Data(contentsOf: URL(fileURLWithPath: place))
      // The file is changed in place, as an application may do; a new file would not be noticed,
      // because the old one is open.
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: place))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: Data(bytes))
      let error = #expect(throws: StoreError.self) { try reader.check() }
      #expect(error?.file == place)
      try old.write(to: URL(fileURLWithPath: place))
    }
  }

  @Test("behind a batch that failed there is no other, until the reader is rewound")
  func failing() throws {
    let maker = try Self.store(4)
    let reader = try maker.reader()
    var batch = DocumentBatch()
    #expect(try reader.next(&batch, limit: 1))
    let place = URL(fileURLWithPath: "\(try maker.found().path)/metadata.json")
    let whole = try Data(contentsOf: place)
    let file = try FileHandle(forUpdating: place)
    reader.rewind()
    try file.write(contentsOf: Data("[{}, 1".utf8))
    let first = #expect(throws: StoreError.self) { try reader.next(&batch, limit: 2) }
    try file.seek(toOffset: 0)
    try file.write(contentsOf: whole)
    let second = #expect(throws: StoreError.self) { try reader.next(&batch, limit: 2) }
    #expect(first == second)
    reader.rewind()
    #expect(
      try reader.next(&batch, limit: 2) && batch.documents.map(\.text) == ["text 0", "text 1"])
  }

  @Test("a store that the scan found incomplete or unreadable is refused with its reason")
  func incomplete() throws {
    let maker = try StoreMaker().write(vectors: pickledVectors([]), metadata: nil)
    let refusal = try maker.refusal()
    #expect(refusal?.kind == .incomplete)
    #expect(refusal?.description.contains("metadata.json is missing") == true)
  }
}
