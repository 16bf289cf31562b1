public import Files

/// Finds the stores below a directory: the entries of each user's folder that a format recognizes.
///
/// Only names, file facts and first bytes are read, and no symbolic link below the root is
/// followed. An entry that looks like a store but cannot be read is among the results, with the
/// reason.
public struct StoreScanner: Sendable {
  /// The directory to scan, without trailing slashes.
  public let root: String
  /// The directories that are not scanned, such as that of the backups.
  public let excluding: [String]
  /// The formats to look for; for each entry, the first format that finds a store is used.
  let formats: [StoreFormat]
  /// The file or folder that is looked at instead of the root; nil for the root.
  private let place: GivenPlace?

  /// Creates a scanner of `root`, which may itself be a symbolic link.
  ///
  /// - Parameters:
  ///   - place: the file or folder to look at instead of the root; nil for the root.
  ///   - excluding: paths of directories to leave out, wherever below the root they are.
  public init(
    root: String, place: GivenPlace? = nil, excluding: [String] = [],
    formats: [StoreFormat] = StoreFormat.all
  ) {
    var trimmed = (place?.parent ?? root)[...]
    while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
    self.root = String(trimmed)
    self.place = place
    self.excluding = excluding
    self.formats = place?.format.map { [$0] } ?? formats
  }

  /// Finds all stores, sorted by the bytes of the user's name, then by those of the collection's
  /// name.
  public func stores() throws(StoreError) -> [FoundStore] {
    if let place { return try stores(in: place) }
    let top = try openRoot()
    let excluded = try excludedFacts()
    var found: [FoundStore] = []
    for entry in try top.entryNames() where entry != Self.lostAndFound {
      try StopRequest.check()
      let user = EntryName(bytes: entry)
      do throws(StoreError) {
        guard let directory = try openUser(user, in: top, excluded) else { continue }
        for inner in try directory.entryNames() where inner != Self.lostAndFound {
          try StopRequest.check()
          let entry = UserEntry(
            EntryName(bytes: inner), in: directory, of: user, excluded: excluded)
          do throws(StoreError) {
            found += try stores(at: entry)
          } catch {
            if error.kind == .interrupted { throw error }
            // The user's other entries go on.
            found.append(unreadable(user, collection: entry.name, path: entry.path, error))
          }
        }
      } catch {
        if error.kind == .interrupted { throw error }
        found.append(unreadable(user, collection: nil, path: error.file, error))
      }
    }
    return refusingDoubles(found.sorted { $0.name < $1.name })
  }

  private func openRoot() throws(StoreError) -> Directory {
    do {
      return try Directory(path: root, links: .follow)
    } catch {
      var refusal = error
      refusal.remedy = "name the directory of the stores with --user-data-dir"
      throw refusal
    }
  }

  func excludedFacts() throws(StoreError) -> [FileFacts] {
    var facts: [FileFacts] = []
    for path in excluding {
      // A directory that does not exist cannot be found by the scan, and needs no exclusion.
      guard let directory = try? Directory(path: path, links: .follow) else { continue }
      facts.append(try directory.facts())
    }
    return facts
  }

  /// The name of the folder that file systems create at their top.
  private static let lostAndFound = Array("lost+found".utf8)

  /// Opens a user's directory; nil for an entry that is not a directory or must not be scanned.
  private func openUser(
    _ user: EntryName, in top: Directory, _ excluded: [FileFacts]
  ) throws(StoreError) -> Directory? {
    guard let facts = try top.facts(named: user.bytes, links: .refuse) else { return nil }
    // A hidden folder may belong to any program; a hidden folder that cannot be read is ignored.
    if user.bytes.first == UInt8(ascii: ".") {
      if facts.kind != .directory || excluded.contains(where: facts.isSameEntry) { return nil }
      return try? top.openDirectory(named: user.bytes)
    }
    switch facts.kind {
    case .directory:
      if excluded.contains(where: facts.isSameEntry) { return nil }
      return try top.openDirectory(named: user.bytes)
    case .link:
      // Only the kind of the link's target is read: a link to a file is not a user's directory. A
      // link without a target may belong to a user whose disk is not mounted.
      let target = try top.facts(named: user.bytes, links: .follow)
      if let target, target.kind != .directory { return nil }
      if let target, excluded.contains(where: target.isSameEntry) { return nil }
      return try top.openDirectory(named: user.bytes)
    case .regular, .pipe, .socket, .device:
      return nil
    }
  }

  /// Finds the stores of an entry; returns no store for an entry that is something else.
  ///
  /// - Parameter folders: the folders that lead from the root to the entry.
  func stores(at entry: UserEntry, folders: [String]? = nil) throws(StoreError) -> [FoundStore] {
    for format in formats {
      let stores = try format.source.stores(at: entry)
      if !stores.isEmpty {
        return stores.map {
          store($0, at: entry, format, folders: folders, isAlone: stores.count == 1)
        }
      }
    }
    guard let problem = try problemOfUnread(entry) else { return [] }
    return [
      unreadable(
        entry.user, collection: EntryName(bytes: entry.stem), path: entry.path, problem)
    ]
  }

  /// The endings of files that hold stores, and hardly anything else.
  private static let storeEndings = [
    "jsonl", "ndjson", "csv", "npy", "npz", "safetensors", "faiss", "sqlite", "sqlite3", "db",
  ]

  /// Returns the reason why a file that has the ending of a store cannot be looked into: it is a
  /// link, or the operator may not read it; nil for other entries.
  private func problemOfUnread(_ entry: UserEntry) throws(StoreError) -> StoreError? {
    let name = entry.name.text.lowercased()
    guard Self.storeEndings.contains(where: { name.hasSuffix(".\($0)") }),
      entry.name.bytes.first != UInt8(ascii: "."), let facts = try entry.facts()
    else { return nil }
    switch facts.kind {
    case .link:
      return StoreError(
        .file, file: entry.path, problem: "is a symbolic link, which is not followed",
        remedy: "put the file itself there, or name it with --from")
    case .regular:
      do throws(StoreError) {
        _ = try entry.directory.openFile(named: entry.name.text)
        return nil
      } catch {
        return error
      }
    default: return nil
    }
  }

  private func store(
    _ recognized: RecognizedStore, at entry: UserEntry, _ format: StoreFormat, folders: [String]?,
    isAlone: Bool
  ) -> FoundStore {
    let (user, collection) = (entry.user, recognized.collection)
    do throws(StoreError) {
      if let problem = hiddenProblem(user) ?? nameProblem(entry, collection) { throw problem }
      if let refusal = recognized.refusal { throw refusal }
      let name = StoreName(user: user.text, collection: collection.text)
      let own = recognized.isFolder ? [entry.name.text] : []
      let folder = recognized.isFolder ? try entry.open() : entry.directory
      let files =
        if let names = recognized.fileNames {
          try FoundFiles(named: names, in: folder)
        } else {
          try format.source.files(of: collection.text, in: folder)
        }
      return FoundStore(
        name: name, root: root, path: path(at: entry, isAlone ? nil : files.found.first),
        format: format,
        folders: (folders ?? [user.text]) + own, files: files.found,
        state: files.missing.isEmpty ? .complete : .incomplete(missing: files.missing),
        isGiven: place != nil)
    } catch {
      return unreadable(
        user, collection: collection, path: entry.path, format: format, error)
    }
  }

  /// Returns the path of a store as it is shown: the entry's, and where several stores share a
  /// folder, that of the store's first file.
  private func path(at entry: UserEntry, _ file: StoreFile?) -> String {
    var path =
      place == nil
      ? "\(root)/\(entry.user.text)/\(entry.name.text)"
      : "\(entry.directory.path)/\(entry.name.text)"
    if place != nil, root == ".", path.hasPrefix("./") { path.removeFirst(2) }
    guard let file, !path.hasSuffix("/\(file.name)") else { return path }
    return "\(path)/\(file.name)"
  }

  /// Marks stores with the same user and collection as unreadable, because their rows could not be
  /// distinguished.
  func refusingDoubles(_ sorted: [FoundStore]) -> [FoundStore] {
    var stores = sorted
    for index in stores.indices.dropFirst() {
      let pair = [index - 1, index]
      guard stores[index - 1].name == stores[index].name,
        !pair.contains(where: { sorted[$0].isUnreadable })
      else { continue }
      for (one, other) in [(index - 1, index), (index, index - 1)] {
        let (store, twin) = (sorted[one], sorted[other])
        stores[one] = FoundStore(
          name: store.name, root: root, path: store.path, format: store.format,
          folders: store.folders, files: [],
          state: .unreadable(
            reason: "is the collection \(store.name) as well as \(twin.path) is; "
              + "rename one of them, or move it away"
              + (place == nil ? "" : ", or give --from one of them with a --collection")))
      }
    }
    return stores
  }

  /// Returns the refusal of a user's folder that is hidden, where programs keep their own files;
  /// nil for other folders.
  ///
  /// A store in a hidden folder is reported, and not read.
  private func hiddenProblem(_ user: EntryName) -> StoreError? {
    guard user.bytes.first == UInt8(ascii: ".") else { return nil }
    return StoreError(
      .name, file: "",
      problem: "the user's name begins with a dot, and hidden folders are not read",
      remedy: "rename the folder, or move it out of \(root)")
  }

  private func nameProblem(_ entry: UserEntry, _ collection: EntryName) -> StoreError? {
    var problem = StoreName(user: entry.user.text, collection: collection.text).problem
    if ![entry.user, entry.name, collection].allSatisfy(\.isUTF8) {
      problem = "the name is not UTF-8"
    }
    return problem.map {
      StoreError(.name, file: "", problem: $0, remedy: "rename the directory")
    }
  }

  func unreadable(
    _ user: EntryName, collection: EntryName?, path: String, format: StoreFormat = .simple,
    _ error: StoreError
  ) -> FoundStore {
    // The reason is shown with the store's path, so it names a file by the path within the store.
    var reason = "\(error.problem); \(error.remedy)"
    if error.file != path, error.file.hasPrefix(path) {
      reason = "\(error.file.dropFirst(path.count + 1)) \(reason)"
    }
    return FoundStore(
      name: StoreName(user: user.text, collection: collection?.text ?? ""), root: root,
      path: path, format: format, files: [], state: .unreadable(reason: reason))
  }
}

extension FoundStore {
  fileprivate var isUnreadable: Bool {
    if case .unreadable = state { true } else { false }
  }
}
