internal import Files
internal import LibraryFiles

/// A format whose files a decoder of `LibraryFiles` reads: rows with ids, texts, metadata and
/// vectors.
protocol LibraryFormat: SourceFormat {
  /// Looks at a store without reading all of it, and adds the facts to a description.
  func look(at store: FoundStore, in folder: Directory, _ peek: inout StorePeek) throws(StoreError)
  /// Opens the rows of a store.
  func rows(of store: FoundStore, in folder: Directory) throws(StoreError) -> any LibraryRows
}

extension LibraryFormat {
  func describe(_ store: FoundStore, in folder: Directory) -> StorePeek {
    var peek = StorePeek(size: store.size)
    peek.isEncrypted = false
    do throws(StoreError) {
      try look(at: store, in: folder, &peek)
    } catch {
      peek.problem = error.problem
    }
    return peek
  }

  func open(_ store: FoundStore, in folder: Directory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  {
    try LibraryStore(rows(of: store, in: folder), of: store.name, settings)
  }

  func openVectors(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> any VectorSource
  {
    try LibraryVectors(rows(of: store, in: folder))
  }
}
