internal import Files
internal import LibraryFiles
internal import Synchronization

/// The collections of folders that were looked at, so that a scan copies each database once.
///
/// A listing is used again only while the database and its journal are the same files, with the
/// same sizes and times.
final class ChromaListings: Sendable {
  private struct Listing {
    let facts: [FileFacts?]
    let collections: [ChromaCollection]
  }

  /// The largest number of listings that are kept.
  private static let limit = 64
  private let known = Mutex<[Listing]>([])

  /// Lists the collections in a folder.
  func collections(in folder: Directory) throws(StoreError) -> [ChromaCollection] {
    let before = try facts(in: folder)
    if let known = known.withLock({ $0.first { $0.facts == before } }) { return known.collections }
    let collections = try ChromaDatabase(in: folder).collections()
    if try facts(in: folder) == before {
      known.withLock { known in
        if known.count >= Self.limit { known.removeFirst() }
        known.append(Listing(facts: before, collections: collections))
      }
    }
    return collections
  }

  private func facts(in folder: Directory) throws(StoreError) -> [FileFacts?] {
    var facts: [FileFacts?] = []
    for ending in [""] + SQLiteCopy.sideEndings {
      facts.append(try folder.facts(named: ChromaDatabase.fileName + ending))
    }
    return facts
  }
}
