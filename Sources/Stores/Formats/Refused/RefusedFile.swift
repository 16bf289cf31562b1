internal import Files

/// Files of vectors that are recognised and never read: each is refused by its name, with the way
/// out.
struct RefusedFile: SourceFormat {
  /// The kinds of files that are refused.
  private enum Kind: CaseIterable {
    case parquet, arrow, lance, bson

    /// The first bytes of the file; nil where the name decides.
    var signature: [UInt8]? {
      switch self {
      case .parquet: Array("PAR1".utf8)
      case .arrow: Array("ARROW1".utf8)
      case .lance, .bson: nil
      }
    }

    /// The ending of the name.
    var ending: String {
      switch self {
      case .parquet: ".parquet"
      case .arrow: ".arrow"
      case .lance: ".lance"
      case .bson: ".bson"
      }
    }

    var problem: String {
      switch self {
      case .parquet: "is a Parquet file, which this program does not read"
      case .arrow: "is a file of Arrow or Feather, which this program does not read"
      case .lance: "is a table of LanceDB, which this program does not read"
      case .bson: "is a file of BSON, which this program does not read"
      }
    }

    var remedy: String {
      self == .bson
        ? "persist the store with serializer=\"json\""
        : "export the table as JSON lines with one object a row, such as with pandas: "
          + "table.to_json(\"store.jsonl\", orient=\"records\", lines=True)"
    }
  }

  var name: String { "refused" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard entry.name.bytes.first != UInt8(ascii: "."), entry.name.isUTF8,
      let kind = try kind(of: entry)
    else { return [] }
    return [
      RecognizedStore(
        collection: EntryName(bytes: entry.stem), isFolder: false, fileNames: [entry.name.text],
        refusal: StoreError(
          .unsupported, file: entry.path, problem: kind.problem, remedy: kind.remedy))
    ]
  }

  private func kind(of entry: UserEntry) throws(StoreError) -> Kind? {
    let facts = try entry.facts()
    let name = entry.name.text.lowercased()
    let named = Kind.allCases.first { name.hasSuffix($0.ending) }
    if facts?.kind == .directory { return named == .lance ? .lance : nil }
    guard facts?.kind == .regular, let file = try? entry.directory.openFile(named: entry.name.text)
    else { return nil }
    var head = [UInt8](repeating: 0, count: 6)
    let count = head.withUnsafeMutableBytes { (try? file.read(into: $0, at: 0)) ?? 0 }
    let begun = Kind.allCases.first { kind in
      kind.signature.map { head[..<count].starts(with: $0) } ?? false
    }
    return begun ?? (named == .bson ? .bson : nil)
  }

  func isWhole(_ names: [String]) -> Bool { false }
  func content(of file: String) -> StoreFile.Content { .mixed }
  func describe(_ store: FoundStore, in folder: Directory) -> StorePeek {
    StorePeek(size: store.size)
  }

  func open(_ store: FoundStore, in folder: Directory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  { throw refusal(store) }

  func openVectors(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> any VectorSource
  { throw refusal(store) }

  private func refusal(_ store: FoundStore) -> StoreError {
    StoreError(
      .unsupported, file: store.path, problem: "is of a kind that this program does not read",
      remedy: "export it as JSON lines with one object a row")
  }
}
