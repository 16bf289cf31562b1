internal import Files
internal import Ledger
package import Machine
package import Stores

/// Finds the copy of a store that holds certain files.
package final class CopyFinder {
  private let catalogue: BackupCatalogue
  /// The copies of each store, the newest first; nil before they are read.
  private var known: [StoreName: [Copy]]?

  package init(directory: String) { catalogue = BackupCatalogue(directory: directory) }

  /// The copy of a store in one backup.
  package struct Copy {
    package let backup: StoredBackup
    package let store: BackupManifest.Store
  }

  /// Returns the newest undamaged copy whose files have this digest, after reading every byte of
  /// it.
  package func copy(of name: StoreName, digest: [UInt8]) throws -> Copy {
    var damaged: [String] = []
    for copy in try candidates(of: name)
    where try SourceDigest(files: copy.store.files).bytes == digest {
      let problems = try copy.store.problems(in: copy.backup)
      if problems.isEmpty { return copy }
      damaged += problems
    }
    throw Failure(
      .backup,
      damaged.isEmpty
        ? "no backup in \(catalogue.directory) holds the files that \(name) was migrated from"
        : "the backup of \(name) is damaged: \(damaged[0])",
      remedy: "name the directory of backups with --backup-dir")
  }

  /// Returns the copy that a run made; nil where no backup with a valid manifest has one.
  package func copy(of name: StoreName, run: RunID) throws -> Copy? {
    try candidates(of: name).first { $0.backup.manifest?.run == run }
  }

  private func candidates(of name: StoreName) throws -> [Copy] {
    if let known { return known[name] ?? [] }
    var index: [StoreName: [Copy]] = [:]
    for backup in try catalogue.backups() {
      for store in backup.manifest?.stores ?? [] {
        index[store.name, default: []].append(Copy(backup: backup, store: store))
      }
    }
    known = index
    return index[name] ?? []
  }
}

extension BackupManifest.Store {
  /// Returns the copy as a store that can be read, under the name of the store that was copied.
  package func asFound() -> FoundStore {
    FoundStore(
      name: name, root: "", path: source, format: format, folders: place,
      files: files.map {
        StoreFile(name: $0.name, size: Int64($0.size), modified: FileTime(seconds: 0))
      },
      state: .complete, isGiven: isGiven)
  }
}
