internal import Files
internal import JSON

/// A format of one JSON file that has an object for each document: its id, its text, its metadata and
/// its vector.
struct EntryFileFormat: EntryFormat {
  /// Where the documents are in the file, and how they are written.
  struct Layout: Sendable {
    /// The format's name in listings and manifests.
    let name: String
    /// The names of the members of a document.
    let names: EntryNames
    /// Returns true where the beginning of a file is that of a store.
    let isStore: @Sendable (JSONBeginning) -> Bool
    /// Walks through a file, and calls `entry` wherever a document's object begins; its key is passed
    /// where it has one.
    let walk: @Sendable (_ walker: JSONWalker, _ entry: (String?) throws -> Void) throws -> Void
    /// Changes the metadata of a document to what the library's user gave; nil where they are
    /// written so.
    var metadata: (@Sendable ([UInt8]) throws(UnreadableValue) -> [UInt8])?
  }

  /// The error for metadata that the library could not write completely, with the reason.
  struct UnreadableValue: Error {
    let problem: String
    let remedy: String
  }

  let layout: Layout

  var name: String { layout.name }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let store = try entry.storeFile(endings: ["json"]) { file in
      JSONBeginning(of: file).map(layout.isStore) ?? false
    }
    return store.map { [$0] } ?? []
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 1 }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let file = try JSONFile(
      store.files.first?.name ?? "", in: folder, options, numberMembers: layout.names.vectors)
    let rows = EntryRows(file, names: layout.names)
    var entry = JSONEntry()
    try file.walk { walker in
      try layout.walk(walker) { try rows.add(from: walker, into: &entry, key: $0) }
    }
    let vectors = try rows.vectorSource()
    guard let change = layout.metadata else { return (rows, vectors) }
    return (ChangedEntries(rows, change), vectors)
  }
}

/// The entries of a file, with other metadata than the file has.
private final class ChangedEntries: EntrySource {
  private let rows: EntryRows
  private let change: (([UInt8]) throws(EntryFileFormat.UnreadableValue) -> [UInt8])

  init(
    _ rows: EntryRows,
    _ change: @escaping ([UInt8]) throws(EntryFileFormat.UnreadableValue) -> [UInt8]
  ) {
    self.rows = rows
    self.change = change
  }

  var path: String { rows.path }
  var count: Int { rows.count }
  var names: EntryNames { rows.names }

  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try rows.read(position, into: &entry)
    guard let member = entry.firstMember(named: names.objects),
      member.kind == .object
    else { return }
    let old = entry.bytes[member.value]
    let new: [UInt8]
    do {
      new = try change(Array(old))
    } catch {
      throw StoreError(
        .metadata, file: path, place: "entry \(position)", problem: error.problem,
        remedy: error.remedy)
    }
    if new.elementsEqual(old) { return }
    let bytes =
      entry.bytes[..<member.value.lowerBound] + new + entry.bytes[member.value.upperBound...]
    try rows.file.parse(Array(bytes), count: bytes.count, index: position, into: &entry)
  }

  func checkUnchanged() throws(StoreError) { try rows.checkUnchanged() }
}
