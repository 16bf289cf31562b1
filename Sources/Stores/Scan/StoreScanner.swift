/// Finds the stores below a directory: `<user>/vector_store_<collection>/`.
///
/// Nothing is read but names and file facts, and no symbolic link below the root is followed.
/// What looks like a store and cannot be read is among the results, with its reason.
public struct StoreScanner: Sendable {
  /// The directory to scan, without trailing slashes.
  public let root: String
  /// Directories that are not scanned, such as the one that backups go to.
  public let excluding: [String]

  /// A scanner of `root`, which may itself be a symbolic link.
  ///
  /// - Parameter excluding: paths of directories to leave out, wherever below the root they are.
  public init(root: String, excluding: [String] = []) {
    var trimmed = root[...]
    while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
    self.root = String(trimmed)
    self.excluding = excluding
  }

  /// All stores, in the order of the users' bytes and then the collections'.
  public func stores() throws(StoreError) -> [FoundStore] {
    let top = try openRoot()
    let excluded = try excludedFacts()
    var found: [FoundStore] = []
    for entry in try top.entryNames() where entry != Self.lostAndFound {
      try StopRequest.check()
      let user = ScannedName(bytes: entry)
      do {
        guard let directory = try openUser(user, in: top, excluded) else { continue }
        for inner in try directory.entryNames() {
          try StopRequest.check()
          found += try store(inner, of: user, in: directory, excluded).map { [$0] } ?? []
        }
      } catch {
        if error.kind == .interrupted { throw error }
        found.append(unreadable(user, collection: nil, path: error.file, error))
      }
    }
    return found.sorted { $0.name < $1.name }
  }

  private func openRoot() throws(StoreError) -> StoreDirectory {
    do {
      return try StoreDirectory(path: root, links: .follow)
    } catch {
      var refusal = error
      refusal.remedy = "name the directory of the stores with --user-data-dir"
      throw refusal
    }
  }

  private func excludedFacts() throws(StoreError) -> [FileFacts] {
    var facts: [FileFacts] = []
    for path in excluding {
      // One that does not exist yet cannot be met either.
      guard let directory = try? StoreDirectory(path: path, links: .follow) else { continue }
      facts.append(try directory.facts())
    }
    return facts
  }

  /// What file systems put at their top.
  private static let lostAndFound = Array("lost+found".utf8)

  /// Opens a user's directory; nil for what is no directory or is not to be scanned.
  private func openUser(
    _ user: ScannedName, in top: StoreDirectory, _ excluded: [FileFacts]
  ) throws(StoreError) -> StoreDirectory? {
    guard let facts = try top.facts(named: user.bytes, links: .refuse) else { return nil }
    // A hidden folder may be anybody's: one that cannot be looked into is left alone.
    if user.bytes.first == UInt8(ascii: ".") {
      if facts.kind != .directory || excluded.contains(where: facts.isSameEntry) { return nil }
      return try? top.openDirectory(named: user.bytes)
    }
    switch facts.kind {
    case .directory:
      if excluded.contains(where: facts.isSameEntry) { return nil }
      return try top.openDirectory(named: user.bytes)
    case .link:
      // Looked at, not followed: a link to a file is nobody's directory. One that leads nowhere
      // may be a user's whose disk is not mounted.
      let target = try top.facts(named: user.bytes, links: .follow)
      if let target, target.kind != .directory { return nil }
      if let target, excluded.contains(where: target.isSameEntry) { return nil }
      return try top.openDirectory(named: user.bytes)
    case .regular, .pipe, .socket, .device:
      return nil
    }
  }

  /// The store under a name in a user's directory; nil for what is unrelated.
  private func store(
    _ entry: [UInt8], of user: ScannedName, in directory: StoreDirectory, _ excluded: [FileFacts]
  ) throws(StoreError) -> FoundStore? {
    let prefix = Array(StoreFormat.folderPrefix.utf8)
    guard entry.starts(with: prefix),
      let facts = try directory.facts(named: entry, links: .refuse),
      facts.kind == .directory || facts.kind == .link,
      !excluded.contains(where: facts.isSameEntry)
    else { return nil }
    let collection = ScannedName(bytes: Array(entry.dropFirst(prefix.count)))
    let path = "\(directory.path)/\(ShownText.of(entry))"
    if let problem = hiddenProblem(user) ?? nameProblem(user, collection) {
      return unreadable(user, collection: collection, path: path, problem)
    }
    do {
      let inner = try directory.openDirectory(named: entry)
      return try read(StoreName(user: user.text, collection: collection.text), inner)
    } catch {
      return unreadable(user, collection: collection, path: path, error)
    }
  }

  private func read(
    _ name: StoreName, _ directory: StoreDirectory
  ) throws(StoreError) -> FoundStore {
    let format = StoreFormat.simple
    var files: [StoreFile] = []
    var missing: [String] = []
    for file in format.fileNames {
      guard try directory.facts(named: file) != nil else {
        missing.append(file)
        continue
      }
      let facts = try directory.openFile(named: file).facts
      files.append(StoreFile(name: file, size: facts.size, modified: facts.modified))
    }
    return FoundStore(
      name: name, root: root, path: path(of: name), format: format, files: files,
      state: missing.isEmpty ? .complete : .incomplete(missing: missing))
  }

  private func path(of name: StoreName) -> String {
    "\(root)/\(name.user)/\(StoreFormat.folderPrefix)\(name.collection)"
  }

  /// Programs keep their own things in hidden folders; a store in one is named, and not read.
  private func hiddenProblem(_ user: ScannedName) -> StoreError? {
    guard user.bytes.first == UInt8(ascii: ".") else { return nil }
    return StoreError(
      .name, file: "",
      problem: "the user's name begins with a dot, and hidden folders are not read",
      remedy: "rename the folder, or move it out of \(root)")
  }

  private func nameProblem(_ user: ScannedName, _ collection: ScannedName) -> StoreError? {
    var problem = StoreName(user: user.text, collection: collection.text).problem
    if !user.isUTF8 || !collection.isUTF8 { problem = "the name is not UTF-8" }
    return problem.map {
      StoreError(.name, file: "", problem: $0, remedy: "rename the directory")
    }
  }

  private func unreadable(
    _ user: ScannedName, collection: ScannedName?, path: String, _ error: StoreError
  ) -> FoundStore {
    // The reason stands beside the store's path, so it names a file only inside of it.
    var reason = "\(error.problem); \(error.remedy)"
    if error.file != path, error.file.hasPrefix(path) {
      reason = "\(error.file.dropFirst(path.count + 1)) \(reason)"
    }
    return FoundStore(
      name: StoreName(user: user.text, collection: collection?.text ?? ""), root: root,
      path: path, format: .simple, files: [], state: .unreadable(reason: reason))
  }
}

/// A directory entry's name: its bytes, and the text they are or are shown as.
private struct ScannedName {
  let bytes: [UInt8]
  let text: String
  let isUTF8: Bool

  init(bytes: [UInt8]) {
    self.bytes = bytes
    let valid = String(validating: bytes, as: UTF8.self)
    isUTF8 = valid != nil
    text = valid ?? ShownText.of(bytes)
  }
}
