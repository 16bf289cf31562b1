internal import Files

/// A format whose stores are entries with vectors, opened completely by one function.
protocol EntryFormat: SourceFormat {
  /// Opens the entries and the vectors of a store, and checks everything except the vectors' numbers
  /// and the entries' contents.
  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  /// True where the library finds a document by its id.
  var hasKeys: Bool { get }
  /// Returns the findings that every store of the format has.
  func notes(vectors: Int) -> [StoreFinding]
}

extension EntryFormat {
  var hasKeys: Bool { true }
  func notes(vectors: Int) -> [StoreFinding] { [] }

  func content(of file: String) -> StoreFile.Content { .mixed }

  func describe(_ store: FoundStore, in folder: Directory) -> StorePeek {
    var peek = StorePeek(size: store.size)
    peek.isEncrypted = false
    do throws(StoreError) {
      let opened = try openEntries(of: store, in: folder, ReadOptions())
      peek.vectorCount = opened.vectors.count
      peek.dimensions = opened.vectors.count == 0 ? nil : opened.vectors.dimensions
    } catch {
      peek.problem = [error.place, error.problem].compactMap { $0 }.joined(separator: ": ")
    }
    return peek
  }

  func open(_ store: FoundStore, in folder: Directory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  {
    let opened = try openEntries(of: store, in: folder, settings.options)
    return try EntryStore(
      store.name, entries: opened.entries, vectors: opened.vectors, settings, hasKeys: hasKeys,
      notes: notes(vectors: opened.vectors.count))
  }

  func openVectors(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> any VectorSource
  {
    try openEntries(of: store, in: folder, ReadOptions()).vectors
  }
}
