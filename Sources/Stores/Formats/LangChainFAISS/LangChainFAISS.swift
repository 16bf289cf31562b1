internal import Files
internal import LibraryFiles

/// The format of LangChain's FAISS: an index `<name>.faiss`, and `<name>.pkl` with the texts.
///
/// A folder may have several of them. The collection is `<name>`, or the folder's name where the
/// files are named `index`, as the library does by default.
struct LangChainFAISS: LibraryFormat {
  private static let index = ".faiss"
  private static let pickle = ".pkl"
  private static let usual = "index"

  var name: String { "langchain-faiss" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let kind = try entry.facts()?.kind
    if kind == .regular {
      guard let stem = Self.stem(of: entry.name.bytes) else { return [] }
      return [
        RecognizedStore(
          collection: EntryName(bytes: Array(stem.utf8)), isFolder: false,
          fileNames: Self.names(stem))
      ]
    }
    guard kind == .directory else { return [] }
    let folder = try entry.open()
    var stems = try folder.entryNames().compactMap(Self.stem)
    if stems.isEmpty, try folder.facts(named: Self.usual + Self.pickle) != nil {
      stems = [Self.usual]
    }
    if stems.isEmpty { return try javaScriptStore(in: folder, entry) }
    return stems.map { stem in
      RecognizedStore(
        collection: stem == Self.usual ? entry.name : EntryName(bytes: Array(stem.utf8)),
        fileNames: Self.names(stem))
    }
  }

  /// Recognizes the files of LangChain.js, which are refused.
  private func javaScriptStore(in folder: Directory, _ entry: UserEntry) throws(StoreError)
    -> [RecognizedStore]
  {
    guard try folder.facts(named: "faiss.index") != nil,
      try folder.facts(named: "docstore.json") != nil
    else { return [] }
    return [
      RecognizedStore(
        collection: entry.name,
        refusal: StoreError(
          .unsupported, file: "\(folder.path)/faiss.index",
          problem: "LangChain.js wrote this index, in a form that is not read",
          remedy: "load it with LangChain.js, and write each document as a line of JSON with its "
            + "id, text, vector and metadata"))
    ]
  }

  private static func stem(of name: [UInt8]) -> String? {
    guard let text = String(validating: name, as: UTF8.self), text.hasSuffix(index),
      text.utf8.count > index.utf8.count
    else { return nil }
    return String(text.dropLast(index.count))
  }

  private static func names(_ stem: String) -> [String] { [stem + index, stem + pickle] }

  func isWhole(_ names: [String]) -> Bool {
    guard names.count == 2, let stem = Self.stem(of: Array(names[0].utf8)) else { return false }
    return names == Self.names(stem) && !names[0].utf8.contains(UInt8(ascii: "/"))
  }

  func content(of file: String) -> StoreFile.Content {
    file.hasSuffix(Self.index) ? .vectors : .texts
  }

  func look(at store: FoundStore, in folder: Directory, _ peek: inout StorePeek) throws(StoreError)
  {
    let index = try FaissRows.look(at: folder.openFile(named: Self.files(of: store).index))
    peek.vectorCount = index.count
    peek.dimensions = index.count == 0 ? nil : index.dimensions
  }

  func rows(of store: FoundStore, in folder: Directory) throws(StoreError) -> any LibraryRows {
    let files = Self.files(of: store)
    return try FaissRows(
      index: folder.openFile(named: files.index), texts: folder.openFile(named: files.pickle))
  }

  private static func files(of store: FoundStore) -> (index: String, pickle: String) {
    let names = store.files.map(\.name)
    return (names.first ?? "", names.last ?? "")
  }
}
