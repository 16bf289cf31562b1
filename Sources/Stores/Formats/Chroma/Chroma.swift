internal import Files
internal import LibraryFiles

/// The format of Chroma's persistent client, from version 0.4 on: a folder with `chroma.sqlite3`,
/// and a folder of saved vectors for each large collection.
struct Chroma: LibraryFormat {
  /// A file that only versions before 0.4 have.
  private static let oldFile = "chroma-collections.parquet"
  private let listings = ChromaListings()

  var name: String { "chroma" }

  /// Recognizes a folder by the names of its files; each collection in it is a store.
  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard try entry.facts()?.kind == .directory else { return [] }
    let folder = try entry.open()
    guard try folder.facts(named: ChromaDatabase.fileName)?.kind == .regular else {
      return try oldStore(in: folder, entry)
    }
    let collections: [ChromaCollection]
    do throws(StoreError) {
      collections = try listings.collections(in: folder)
    } catch {
      if error.kind == .interrupted { throw error }
      return [RecognizedStore(collection: entry.name, refusal: error)]
    }
    // A user who is a tenant has no part in the collections of other tenants.
    let isTenant = collections.contains { $0.user == entry.user.text }
    return collections.filter { !isTenant || $0.user == entry.user.text }.map { collection in
      let refusal = refusal(of: collection, user: entry.user.text, among: collections, folder)
      // Names of different tenants may be equal; a collection that is not read shows its tenant.
      let tenant = isTenant ? "" : collection.user.map { "\($0)/" } ?? ""
      return RecognizedStore(
        collection: EntryName(bytes: Array((tenant + collection.fullName).utf8)), refusal: refusal)
    }
  }

  /// Recognizes a folder of a version before 0.4, which is refused.
  private func oldStore(in folder: Directory, _ entry: UserEntry) throws(StoreError)
    -> [RecognizedStore]
  {
    guard try folder.facts(named: Self.oldFile) != nil else { return [] }
    return [
      RecognizedStore(
        collection: entry.name,
        refusal: StoreError(
          .unsupported, file: "\(folder.path)/\(Self.oldFile)",
          problem: "a version of Chroma before 0.4 wrote this folder, in a form that is not read",
          remedy: "bring it into a newer Chroma with the program chroma-migrate, which PyPI has, "
            + "and name the new folder"))
    ]
  }

  /// Returns the refusal of a collection that cannot be read, or that is another user's.
  private func refusal(
    of collection: ChromaCollection, user: String, among all: [ChromaCollection],
    _ folder: Directory
  ) -> StoreError? {
    let path = "\(folder.path)/\(ChromaDatabase.fileName)"
    if !Self.belongs(collection, to: user, among: all) {
      return StoreError(
        .unsupported, file: path,
        problem: "the collection belongs to the tenant \(collection.user ?? "of all"), which is "
          + "another user",
        remedy: "migrate it alone: --from \(folder.path) --user \(collection.user ?? "NAME")")
    }
    return collection.problem.map {
      StoreError(
        .metadata, file: path, problem: $0,
        remedy: "open the folder with the version of Chroma that wrote it, and copy the collection "
          + "into one that Chroma keeps in this folder")
    }
  }

  /// Returns true where a collection is the user's: the collection of the tenant of this name, or,
  /// where there is no such tenant, of the tenant that Chroma has by default.
  private static func belongs(
    _ collection: ChromaCollection, to user: String, among all: [ChromaCollection]
  ) -> Bool {
    let isTenant = all.contains { $0.user == user }
    return isTenant ? collection.user == user : collection.user == nil
  }

  func files(of collection: String, in folder: Directory) throws(StoreError) -> FoundFiles {
    let all = try listings.collections(in: folder)
    let named = all.filter { $0.fullName.utf8.elementsEqual(collection.utf8) }
    let found = named.isEmpty && all.count == 1 ? all : named
    guard !found.isEmpty else { return FoundFiles(missing: [ChromaDatabase.fileName]) }
    var names = try SQLiteFiles.names(ChromaDatabase.fileName, in: folder)
    // Collections of different tenants may have one name: the files of all of them belong to it.
    for segment in found.compactMap(\.vectorSegment) {
      names += try ChromaFiles.saved(segment, in: folder)
    }
    return try FoundFiles(named: names, in: folder)
  }

  func isWhole(_ names: [String]) -> Bool { ChromaFiles.areWhole(names) }

  func content(of file: String) -> StoreFile.Content { .mixed }

  func look(at store: FoundStore, in folder: Directory, _ peek: inout StorePeek) throws(StoreError)
  {
    let all = try listings.collections(in: folder)
    let collection = try Self.collection(of: store, among: all, folder)
    peek.vectorCount = collection.count
    peek.dimensions = collection.count == 0 ? nil : collection.dimension
  }

  func rows(of store: FoundStore, in folder: Directory) throws(StoreError) -> any LibraryRows {
    let database = try ChromaDatabase(in: folder)
    let collection = try Self.collection(of: store, among: database.collections(), folder)
    return try ChromaRows(collection, of: database, in: folder)
  }

  /// Finds the collection of a store: by the name, and where the operator has given the store
  /// another name, the only collection.
  private static func collection(
    of store: FoundStore, among all: [ChromaCollection], _ folder: Directory
  ) throws(StoreError) -> ChromaCollection {
    let own = all.filter { belongs($0, to: store.name.user, among: all) }
    let named = own.first { $0.fullName.utf8.elementsEqual(store.name.collection.utf8) }
    guard let found = named ?? (own.count == 1 ? own[0] : nil) else {
      throw StoreError(
        .changed, file: "\(folder.path)/\(ChromaDatabase.fileName)",
        problem: "the collection \(store.name.collection) does not exist any more",
        remedy: "run again, so that the folder is looked at again")
    }
    return found
  }
}
