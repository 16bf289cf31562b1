internal import Backups
internal import Files
internal import Ledger
internal import Digests
internal import Glibc
internal import Stores

/// A store's files, or a copy of them.
struct StoreFiles {
  /// The store with the name and the path that the ledger will record.
  let store: FoundStore
  /// The folder that holds the files.
  let directory: String
  /// The digest of the files when they were chosen.
  let expected: [UInt8]
  /// Computes the present digest of the files.
  let digest: () throws -> [UInt8]
}

extension Refit {
  /// The chosen origin of unreduced vectors, with everything that is needed to read them.
  enum ChosenOrigin {
    case files(StoreFiles, Origin)
    case originals
  }

  /// Returns the requested origin or, where none was requested, the first available origin.
  func chooseOrigin(_ known: KnownStore) throws -> ChosenOrigin {
    var reasons: [String] = []
    for origin in options.origin.map({ [$0] }) ?? [.source, .backup, .originals] {
      switch origin {
      case .source:
        if let files = try sourceFiles() { return .files(files, .source) }
        reasons.append("the store is not in \(options.userDataDirectory)")
      case .backup:
        if let files = try backupFiles(known) { return .files(files, .backup) }
        reasons.append("no copy in \(options.backupDirectory) equals the files that were migrated")
      case .originals:
        if known.keepsOriginals { return .originals }
        reasons.append("the store's originals were not kept in the database")
      }
    }
    let ways =
      options.origin == .originals
      ? "leave --from out, or keep originals from now on: vector-ferry migrate --force "
        + "--keep-original always \(options.store.options)"
      : "name the folder of the store's files or backups with --user-data-dir or --backup-dir"
    throw Failure(
      .preflight,
      "unreduced vectors of \(options.store) were not found: \(reasons.joined(separator: ", "))",
      remedy: ways)
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

  /// Returns the newest copy that equals the migrated files byte for byte; nil where there is no
  /// such copy.
  private func backupFiles(_ known: KnownStore) throws -> StoreFiles? {
    let root = options.backupDirectory
    for run in Self.entries(of: root).sorted(by: >) {
      let places = [
        BackupManifest.Folders(of: options.store), BackupManifest.Folders(earlier: options.store),
      ]
      for place in places {
        let folder = "\(root)/\(run)/\(place.path)"
        if let files = try? copiedFiles(known, in: folder, of: "\(root)/\(run)") { return files }
      }
      try StopRequest.check()
    }
    return nil
  }

  /// Returns the store's files in a folder of a backup; nil where the folder does not hold exactly
  /// the files that were migrated.
  private func copiedFiles(_ known: KnownStore, in folder: String, of run: String) throws
    -> StoreFiles?
  {
    let directory = try Directory(path: folder)
    for format in StoreFormat.all {
      // A format whose files are not there may throw.
      guard
        let files = try? format.source.files(of: options.store.collection, in: directory),
        files.missing.isEmpty,
        try SourceDigest(of: files.found, in: directory).bytes == known.sourceDigest
      else { continue }
      let store = FoundStore(
        name: options.store, root: run, path: known.sourcePath, format: format,
        files: files.found, state: .complete)
      return StoreFiles(
        store: store, directory: folder, expected: known.sourceDigest,
        digest: { try SourceDigest(of: files.found, in: Directory(path: folder)).bytes })
    }
    return nil
  }

  /// Returns the names in a folder; empty where the folder cannot be read.
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
