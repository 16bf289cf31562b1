internal import Pickle

extension FoundStore {
  /// True where what costs next to nothing to find out speaks against the store, so that it should
  /// be read before anything slow is done with its files.
  ///
  /// A pickle may claim more vectors than the metadata can have entries, or be a file of holes that
  /// takes one block of a disk and reads as a terabyte. Nothing is refused here.
  public var isUnlikelyToPair: Bool {
    guard let directory = try? open(),
      let vectors = try? directory.openFile(named: StoreFormat.vectorsFile),
      let metadata = try? directory.openFile(named: StoreFormat.metadataFile)
    else { return false }
    let size = vectors.facts.size
    guard size > Self.quicklyHashed else { return false }
    if vectors.isMostlyHoles { return true }
    let most = metadata.mostEntries
    if let rows = PickleOutline(vectors)?.rows { return rows > most }
    let source = FilePickleSource(handle: vectors)
    guard let rows = (try? PickledRows.peek(source: source))?.count else { return false }
    // Where a header tells the number of rows they are read at once, and so are few entries.
    return rows > most || metadata.facts.size < size / 16
  }

  /// Files up to this size are hashed in a few seconds.
  private static let quicklyHashed: Int64 = 1 << 30

  /// Why the metadata are not to be read, nor hashed, to their end; nil where nothing is against it.
  public var refusalOfHoles: StoreError? {
    let metadata = try? open().openFile(named: StoreFormat.metadataFile)
    return metadata?.refusalOfHoles
  }
}
