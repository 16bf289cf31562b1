import Digests
import Files
import Foundation
import Stores

/// A format that only tests know: files `<user>/<collection>.rows`, in which each line has numbers,
/// a space and a text.
struct LineFormat: SourceFormat {
  private static let ending = Array(".rows".utf8)
  var name: String { "lines" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard entry.name.bytes.suffix(5) == Self.ending[...], try entry.facts()?.kind == .regular
    else { return [] }
    let collection = EntryName(bytes: Array(entry.name.bytes.dropLast(5)))
    return [RecognizedStore(collection: collection, isFolder: false)]
  }

  func files(of collection: String, in folder: Directory) throws(StoreError) -> FoundFiles {
    try FoundFiles(named: ["\(collection).rows"], in: folder)
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 1 && names[0].hasSuffix(".rows") }

  func content(of file: String) -> StoreFile.Content { .mixed }

  func describe(_ store: FoundStore, in folder: Directory) -> StorePeek {
    var peek = StorePeek(size: store.size)
    do throws(StoreError) {
      let lines = try LineReader(store, in: folder)
      (peek.vectorCount, peek.dimensions) = (lines.vectorCount, lines.dimensions)
      peek.isEncrypted = false
    } catch {
      peek.problem = error.problem
    }
    return peek
  }

  func open(_ store: FoundStore, in folder: Directory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  { try LineReader(store, in: folder) }

  func openVectors(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> any VectorSource
  { try LineReader(store, in: folder) }
}

/// A reader of one file, which has all rows in memory.
private final class LineReader: OpenedStore, VectorSource {
  private let file: InputFile
  private var identity: DocumentIdentity
  private let rows: [(vector: [Float], text: String)]

  let isEncrypted = false
  let findings: [StoreFinding] = []
  var repeatedTexts: [RepeatedValue] {
    rows.indices.compactMap { position in
      let first = rows.firstIndex { $0.text.utf8.elementsEqual(rows[position].text.utf8) }
      return first.flatMap {
        $0 < position ? RepeatedValue(position: position, first: $0) : nil
      }
    }
  }
  var vectorCount: Int { rows.count }
  var entryCount: Int { rows.count }
  var documentCount: Int { rows.count }
  var vectors: any VectorSource { self }
  var path: String { file.path }
  var count: Int { rows.count }
  var dimensions: Int { rows.first?.vector.count ?? 0 }

  init(_ store: FoundStore, in folder: Directory) throws(StoreError) {
    let file = try folder.openFile(named: store.files.first?.name ?? "")
    self.file = file
    identity = DocumentIdentity(of: store.name)
    var bytes = [UInt8](repeating: 0, count: Int(file.facts.size))
    var failure: StoreError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(StoreError) { _ = try file.read(into: buffer, at: 0) } catch { failure = error }
    }
    if let failure { throw failure }
    var rows: [(vector: [Float], text: String)] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      let vector = parts[0].split(separator: ",").compactMap { Float($0) }
      guard parts.count == 2, vector.count == rows.first?.vector.count ?? vector.count else {
        throw StoreError(
          .vectors, file: file.path, place: "line \(rows.count + 1)", problem: "is no row",
          remedy: "write it again")
      }
      rows.append((vector, String(parts[1])))
    }
    self.rows = rows
  }

  func rewind() {}

  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    batch.documents.removeAll()
    for position in range {
      let id: UUIDValue
      do { id = try identity.id(sourceID: "\(position)", ordinal: 0) } catch {
        throw StoreError(.file, file: file.path, problem: "\(error)", remedy: "")
      }
      batch.documents.append(
        Document(
          position: position, id: id, sourceID: "\(position)", hasOwnID: true,
          text: rows[position].text, metadata: Array("{}".utf8), createdAt: nil))
    }
    try read(range, into: &batch.vectors)
  }

  func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    vectors = rows[range].flatMap(\.vector)
  }

  func checkUnchanged() throws(StoreError) { try file.checkUnchanged() }
}
