internal import Backups
internal import Ledger
internal import Digests
internal import Glibc
internal import Stores

/// A store's files, or a copy of them.
struct StoreFiles {
  /// The store as the ledger is to name it.
  let store: FoundStore
  /// The folder that holds the files.
  let directory: String
  /// The digest that they had when they were chosen.
  let expected: [UInt8]
  /// Their digest now.
  let digest: () throws -> [UInt8]
}

extension Refit {
  /// Where a refit reads, with what it needs to read there.
  enum ChosenOrigin {
    case files(StoreFiles, Origin)
    case originals
  }

  /// The origin that was asked for, or the first that is there.
  func chooseOrigin(_ known: KnownStore) throws -> ChosenOrigin {
    var reasons: [String] = []
    for origin in options.origin.map({ [$0] }) ?? [.source, .backup, .originals] {
      switch origin {
      case .source:
        if let files = try sourceFiles() { return .files(files, .source) }
        reasons.append("it is not in \(options.userDataDirectory)")
      case .backup:
        if let files = try backupFiles(known) { return .files(files, .backup) }
        reasons.append("no copy in \(options.backupDirectory) is what was migrated")
      case .originals:
        if known.keepsOriginals { return .originals }
        reasons.append("its originals were not kept in the database")
      }
    }
    throw Failure(
      .preflight,
      "unreduced vectors of \(options.store) are not there: \(reasons.joined(separator: ", "))",
      remedy: "name where its files or backups are with --user-data-dir or --backup-dir")
  }

  private func sourceFiles() throws -> StoreFiles? {
    guard
      let stores = try? StoreScanner(
        root: options.userDataDirectory, excluding: [options.backupDirectory]
      ).stores(),
      let store = stores.first(where: { $0.name == options.store }), store.refusal == nil
    else { return nil }
    return StoreFiles(
      store: store, directory: store.path, expected: try SourceDigest(of: store).bytes,
      digest: { try SourceDigest(of: store).bytes })
  }

  /// The newest copy whose bytes are those that were migrated.
  private func backupFiles(_ known: KnownStore) throws -> StoreFiles? {
    let root = options.backupDirectory
    for run in Self.entries(of: root).sorted(by: >) {
      let places = [
        BackupManifest.Folders(of: options.store), BackupManifest.Folders(earlier: options.store),
      ]
      let copies = places.lazy.map { "\(root)/\(run)/\($0.path)" }
      guard let folder = copies.first(where: { (try? Self.digest(of: $0)) == known.sourceDigest })
      else {
        try StopRequest.check()
        continue
      }
      let digest = known.sourceDigest
      let store = FoundStore(
        name: options.store, root: "\(root)/\(run)", path: known.sourcePath, format: .simple,
        files: [], state: .complete)
      return StoreFiles(
        store: store, directory: folder, expected: digest,
        digest: { try Self.digest(of: folder) })
    }
    return nil
  }

  private static func digest(of folder: String) throws -> [UInt8] {
    let directory = try StoreDirectory(path: folder)
    let files = try StoreFormat.simple.fileNames.map { name in
      let hash = try SHA256()
      var size = 0
      try directory.openFile(named: name).forEachChunk { chunk in
        try hash.update(chunk)
        size += chunk.count
      }
      return BackupManifest.File(name: name, size: size, digest: try hash.finish())
    }
    return try SourceDigest(files: files).bytes
  }

  /// The names in a folder; none where it cannot be read.
  private static func entries(of path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
