internal import Files
internal import Ledger
internal import OwnSchema
internal import Stores

/// The places where backups must not be: a folder that a scan would then leave out, or a store's
/// own folder.
enum BackupPlacement {
  /// Refuses a directory of backups that is the root of the stores, a user's folder, inside a
  /// store, or named like a store in a user's folder.
  static func check(_ options: MigrationOptions) throws {
    let path = options.backupDirectory
    if let place = options.place { return try check(path, against: place) }
    guard Directory.exists(options.userDataDirectory) else { return }
    let root = try Directory(path: options.userDataDirectory, links: .follow)
    let stores = try StoreScanner(root: options.userDataDirectory).stores()
    try refuseNameOfStore(path, below: root)
    if Directory.exists(path) {
      let own = try Directory(path: path, links: .follow).facts()
      if try own.isSameEntry(as: root.facts()) {
        throw refusal("\(path) is the user data directory itself")
      }
      for user in Set(stores.map(\.name.user)) {
        guard let folder = try? root.openDirectory(named: user) else { continue }
        if try own.isSameEntry(as: folder.facts()) {
          throw refusal("\(path) is the folder of the user \(user)")
        }
      }
    }
    try refuseFolder(of: stores, path)
  }

  /// Refuses a directory of backups that is inside a store of a place which the operator named, or
  /// that is the place itself.
  private static func check(_ path: String, against place: GivenPlace) throws {
    let stores = try StoreScanner(root: place.parent, place: place).stores()
    if Directory.exists(path), let folder = try? Directory(path: place.path, links: .follow),
      try Directory(path: path, links: .follow).facts().isSameEntry(as: folder.facts())
    {
      throw refusal("\(path) is the folder that --from names")
    }
    try refuseFolder(of: stores, path)
  }

  /// Refuses a directory of backups that is inside the folder of a store.
  private static func refuseFolder(of stores: [FoundStore], _ path: String) throws {
    for place in try ancestors(of: FreeSpace.existing(path)) {
      // A store that is a file has no folder of its own.
      for store in stores
      where store.folders.count > (store.isGiven ? 0 : 1)
        && (try? store.open().facts())?.isSameEntry(as: place) ?? false
      {
        throw refusal("\(path) is in the store \(store.name)")
      }
    }
  }

  /// Refuses a folder of backups in a user's folder that is named like a store, before it is
  /// created: a scan would take the folder for a store, and would leave out a store of this name.
  private static func refuseNameOfStore(_ path: String, below root: Directory) throws {
    var trimmed = path[...]
    while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
    let slash = trimmed.lastIndex(of: "/")
    let name = slash.map { trimmed[trimmed.index(after: $0)...] } ?? trimmed
    let prefixes = StoreFormat.all.compactMap(\.source.folderPrefix)
    guard let prefix = prefixes.first(where: name.hasPrefix) else { return }
    let parent = slash.map { String(trimmed[..<$0]) } ?? "."
    guard Directory.exists(parent), parent.isEmpty == false,
      let above = try? Directory(path: "\(parent)/..", links: .follow),
      try above.facts().isSameEntry(as: root.facts())
    else { return }
    throw refusal("\(path) is named like a store, \(prefix)…, in a user's folder")
  }

  /// Returns the facts of the folder and of all its parents, up to the file system's root.
  private static func ancestors(of path: String) throws -> [FileFacts] {
    var places: [FileFacts] = []
    var path = path
    for _ in 0..<4096 {
      let facts = try Directory(path: path, links: .follow).facts()
      // The parent of the root is the root itself.
      if let last = places.last, last.isSameEntry(as: facts) { break }
      places.append(facts)
      path += "/.."
    }
    return places
  }

  private static func refusal(_ problem: String) -> Failure {
    Failure(.preflight, problem, remedy: "name another folder for backups with --backup-dir")
  }
}
