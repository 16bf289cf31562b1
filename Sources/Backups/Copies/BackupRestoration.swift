internal import Files
package import Ledger
internal import Stores

/// Restores stores of one backup into a folder of the operator's choice, which gets the same
/// structure as the folder of all users.
///
/// Every byte is compared with the manifest before anything is written. Nothing that exists and
/// differs is overwritten, and no link is followed below the chosen folder.
package struct BackupRestoration {
  /// The backup to restore from.
  let backup: StoredBackup
  /// The folder that the stores are restored into.
  let target: String
  private let stores: [BackupManifest.Store]

  /// A store that was restored.
  package struct Restored: Sendable, Equatable {
    /// The store's name, made of the user and the collection.
    package let name: String
    /// The folder that now holds the store.
    package let path: String
    /// The number of files that were written; files that already existed are not counted.
    package let files: Int
    /// The size of all the store's files together.
    package let bytes: Int
  }

  /// Prepares the restoration of the stores in `selection`.
  package init(of backup: StoredBackup, to target: String, selection: StoreSelection)
    throws(Failure)
  {
    guard let manifest = backup.manifest else {
      throw Failure(
        .preflight,
        backup.problems.first.map { "\(backup.path) cannot be trusted: \($0)" }
          ?? "\(backup.path) is unfinished: the run ended before it wrote the manifest of the "
          + "backup",
        remedy: "choose another backup: vector-ferry backups list")
    }
    self.backup = backup
    self.target = target
    try selection.refuseUnmatched(
      among: Set(manifest.stores.map(\.name)),
      remedy: "list the stores of the backup with: vector-ferry backups list --json")
    stores = manifest.stores.filter { selection.includes($0.name) }
    if stores.isEmpty {
      throw Failure(
        .preflight,
        "none of the backup's \(manifest.stores.count) stores matches --user, --collection and "
          + "--exclude together")
    }
  }

  /// Makes all checks, and then restores the stores.
  package func run(step: () throws -> Void = {}) throws(Failure) -> [Restored] {
    do {
      for store in stores {
        try step()
        if let problem = try store.problems(in: backup).first {
          throw Failure(
            .preflight, "the backup is damaged: \(problem)",
            remedy: "choose another backup: vector-ferry backups list")
        }
      }
      let root = try openTarget()
      var needed = 0
      for store in stores { needed += try sizeOfMissing(store, below: root) }
      try RoomCheck.check(
        needed, in: target, for: "the stores of \(backup.folder)",
        remedy: "make room there, name another folder with --to, or restore fewer stores (--user)")
      return try stores.map { store in
        try step()
        return try restore(store, below: root)
      }
    } catch {
      throw Failure(error)
    }
  }

  private func openTarget() throws -> Directory {
    try BackupFolder.makeDirectory(target, mayExist: true)
    let root = try Directory(path: target, links: .follow)
    let backups = try Directory(path: backup.directory, links: .follow)
    guard try !root.facts().isSameEntry(as: backups.facts()) else {
      throw Failure(
        .preflight, "\(target) is the directory of backups itself",
        remedy: "name another folder with --to")
    }
    return root
  }

  /// Returns the size of the store's files that do not exist yet, and throws where another file is
  /// in the way; called before anything is written.
  private func sizeOfMissing(_ store: BackupManifest.Store, below root: Directory) throws
    -> Int
  {
    var folder = root
    for name in store.sourceFolders {
      guard try folder.facts(named: name) != nil else { return store.size }
      folder = try folder.openDirectory(named: name)
    }
    var missing = 0
    for file in store.files {
      guard try FileRestore.compare(file, in: folder) != nil else {
        missing += file.size
        continue
      }
      guard try FileRestore.isSame(file, in: folder) else {
        throw Failure(
          .preflight, "\(folder.path)/\(file.name) exists and differs from the backup",
          remedy: "move the file away, or restore to another folder with --to")
      }
    }
    return missing
  }

  private func restore(_ store: BackupManifest.Store, below root: Directory) throws -> Restored {
    var folder = root
    for name in store.sourceFolders { folder = try folder.makeDirectory(named: name) }
    let files = try store.files.map { file -> (BackupManifest.File, FileRestore.Existing) in
      guard try FileRestore.compare(file, in: folder) != nil else { return (file, .none) }
      guard try FileRestore.isSame(file, in: folder) else {
        throw Failure(.backup, "\(folder.path)/\(file.name) was created meanwhile and differs")
      }
      return (file, .same)
    }
    try FileRestore(copy: CopyFinder.Copy(backup: backup, store: store), target: folder).run(files)
    return Restored(
      name: store.name.description, path: folder.path,
      files: files.count { if case .none = $0.1 { true } else { false } }, bytes: store.size)
  }
}
