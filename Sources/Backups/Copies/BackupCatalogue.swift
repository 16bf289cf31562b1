internal import Files
internal import Machine
internal import Models
package import Ledger
internal import Stores

/// All backups in a directory.
package struct BackupCatalogue: Sendable {
  /// The directory of the backups and the journal.
  let directory: String

  /// Creates the catalogue of a directory, which need not exist.
  package init(directory: String) { self.directory = directory }

  /// Returns every backup, the newest first; reads only names, sizes and manifests.
  package func backups() throws(Failure) -> [StoredBackup] {
    guard Directory.exists(directory) else { return [] }
    do {
      let root = try Directory(path: directory, links: .follow)
      let found = try root.entryNames().reversed().compactMap { try backup($0, in: root) }
      return found.sorted { $0.began > $1.began }
    } catch {
      throw Failure(error)
    }
  }

  /// Returns the backup that an operator names by its folder, its run, or the beginning of either.
  package func backup(named name: String) throws(Failure) -> StoredBackup {
    let found = try backups().filter {
      $0.folder.hasPrefix(name) || ($0.manifest?.run.description.hasPrefix(name) ?? false)
    }
    if let exact = found.first(where: { $0.folder == name }) { return exact }
    guard found.count == 1 else {
      let names = found.map(\.folder).joined(separator: ", ")
      throw Failure(
        .preflight,
        found.isEmpty
          ? "there is no backup \(name) in \(directory)"
          : "\(name) is ambiguous, because several backups match: \(names)",
        remedy: "list all backups with: vector-ferry backups list --backup-dir \(directory)")
    }
    return found[0]
  }

  /// Reads every byte of a backup, and returns the backup with all faults that were found.
  package func verified(_ backup: StoredBackup, step: () throws -> Void = {}) throws -> StoredBackup
  {
    guard let manifest = backup.manifest else { return backup }
    var problems = backup.problems
    for store in manifest.stores {
      try step()
      for problem in try store.problems(in: backup) where !problems.contains(problem) {
        problems.append(problem)
      }
    }
    return StoredBackup(
      folder: backup.folder, directory: directory, manifest: manifest, problems: problems)
  }

  private func backup(_ entry: [UInt8], in root: Directory) throws -> StoredBackup? {
    guard let name = String(validating: entry, as: UTF8.self), Self.isRunFolder(name),
      let facts = try root.facts(named: name)
    else { return nil }
    guard facts.kind == .directory else {
      return StoredBackup(
        folder: name, directory: directory, manifest: nil,
        problems: ["\(directory)/\(name) is \(facts.kind), not a folder"])
    }
    do {
      let folder = try root.openDirectory(named: name)
      guard try folder.facts(named: BackupManifest.fileName) != nil else {
        return StoredBackup(folder: name, directory: directory, manifest: nil, problems: [])
      }
      let manifest = try BackupManifest(in: folder)
      return StoredBackup(
        folder: name, directory: directory, manifest: manifest,
        problems: try manifest.problems(in: folder))
    } catch {
      if let error = error as? StoreError, error.kind == .interrupted { throw error }
      let reason = (error as? BackupManifest.Refused).map {
        "the backup's manifest is refused: \($0.reason)"
      }
      return StoredBackup(
        folder: name, directory: directory, manifest: nil, problems: [reason ?? "\(error)"])
    }
  }

  /// Returns true for the name of a run's folder: `20250112_143022`, or the same with a number
  /// after it where several runs began in one second.
  static func isRunFolder(_ name: String) -> Bool {
    name.wholeMatch(of: /[0-9]{8}_[0-9]{6}(_[0-9]{1,3})?/) != nil
  }
}

extension BackupManifest {
  /// Reads the manifest of a run's folder.
  fileprivate init(in folder: Directory) throws {
    let handle = try folder.openFile(named: Self.fileName)
    guard handle.facts.size <= Self.sizeLimit else { throw Refused(reason: "it is too long") }
    var bytes: [UInt8] = []
    try handle.forEachChunk { bytes += $0 }
    try self.init(parsing: bytes)
  }

  /// Returns the faults of a run's folder that names and sizes of files show; reads no file.
  fileprivate func problems(in folder: Directory) throws -> [String] {
    var problems: [String] = []
    let users = Dictionary(grouping: stores) { Array($0.folders.user.utf8) }
    for entry in try folder.entryNames()
    where users[entry] == nil && entry != Array(Self.fileName.utf8) {
      let isModel = entry.starts(with: Array(FittedModel.sharedPrefix.utf8))
      if isModel, try folder.facts(named: entry)?.kind == .regular { continue }
      // An empty folder is left behind where none of a user's stores could be copied.
      if let empty = try? folder.openDirectory(named: entry), try empty.entryNames().isEmpty {
        continue
      }
      problems.append(
        "\(folder.path)/\(String(decoding: entry, as: UTF8.self)) is not in the manifest")
    }
    for (user, stores) in users.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      do {
        problems += try Self.problems(of: stores, in: folder.openDirectory(named: user))
      } catch {
        if let error = error as? StoreError, error.kind == .interrupted { throw error }
        problems.append("\(error)")
      }
    }
    return problems
  }

  private static func problems(of stores: [Store], in user: Directory) throws -> [String] {
    var problems: [String] = []
    let known = Set(stores.map { Array($0.folders.collection.utf8) })
    for entry in try user.entryNames() where !known.contains(entry) {
      let name = String(decoding: entry, as: UTF8.self)
      let isModel = name.hasPrefix("pca_model_")
      if isModel, try user.facts(named: name)?.kind == .regular { continue }
      problems.append("\(user.path)/\(name) is not in the manifest")
    }
    for store in stores {
      do {
        let folder = try user.openDirectory(named: store.folders.collection)
        problems += try store.problems(in: folder, readingBytes: false)
      } catch {
        if error.kind == .interrupted { throw error }
        problems.append(error.description)
      }
    }
    return problems
  }
}
