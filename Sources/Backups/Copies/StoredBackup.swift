internal import Ledger
internal import Bounds
internal import Digests
package import Stores

/// One run's backup as it is found on disk.
package struct StoredBackup: Sendable, Equatable {
  /// What can be made of it.
  package enum State: String, Sendable {
    /// Everything that its manifest lists is there.
    case good
    /// Something of it is damaged, missing, or does not belong there.
    case bad
    /// Its run did not get to write the manifest; it holds half a backup at best.
    case unfinished
  }

  /// The folder's name, `20250112_143022`.
  package let folder: String
  /// The directory of all backups.
  let directory: String
  /// What it holds; nil where it has no manifest that could be trusted.
  package let manifest: BackupManifest?
  /// What is wrong with it.
  package let problems: [String]

  /// The folder as the operator would type it.
  package var path: String { "\(directory)/\(folder)" }

  /// What can be made of it.
  package var state: State {
    if !problems.isEmpty { return .bad }
    return manifest == nil ? .unfinished : .good
  }

  /// The bytes of all files that the manifest lists.
  package var size: Int { manifest?.stores.map(\.size).sumSaturated() ?? 0 }

  /// Seconds since 1970 at which its run began: folders are named in local time, which may jump.
  var began: Int64 {
    if let manifest { return manifest.startedAt.secondsSince1970 }
    guard let facts = try? open().facts() else { return 0 }
    return facts.modified.seconds
  }

  /// Opens the folder, no link followed below the directory of backups.
  func open() throws(StoreError) -> StoreDirectory {
    try StoreDirectory(path: directory, links: .follow).openDirectory(named: folder)
  }

  /// Opens the folder of one store's copy.
  package func open(_ store: BackupManifest.Store) throws(StoreError) -> StoreDirectory {
    try open().openDirectory(named: store.folders.user)
      .openDirectory(named: store.folders.collection)
  }
}

extension BackupManifest.Store {
  /// What is wrong with one store's copy, every byte of it read; throws only where the operator
  /// wants to stop, which says nothing about the copy.
  package func problems(in backup: StoredBackup) throws(StoreError) -> [String] {
    do {
      return try problems(in: backup.open(self), readingBytes: true)
    } catch {
      if error.kind == .interrupted { throw error }
      return [error.description]
    }
  }

  /// What is wrong with the files in a folder: missing, too many, of another kind, size or content.
  func problems(in folder: StoreDirectory, readingBytes: Bool) throws(StoreError) -> [String] {
    var problems: [String] = []
    let known = Set(files.map { Array($0.name.utf8) })
    for entry in try folder.entryNames() where !known.contains(entry) {
      let name = String(decoding: entry, as: UTF8.self)
      problems.append("\(folder.path)/\(name) is not in the manifest")
    }
    for file in files {
      if let problem = try file.problem(in: folder, readingBytes: readingBytes) {
        problems.append(problem)
      }
    }
    return problems
  }
}

extension BackupManifest.File {
  fileprivate func problem(in folder: StoreDirectory, readingBytes: Bool) throws(StoreError)
    -> String?
  {
    do {
      let handle = try folder.openFile(named: name)
      if Int(handle.facts.size) != size {
        return "\(handle.path) has \(handle.facts.size) bytes instead of \(size)"
      }
      guard readingBytes else { return nil }
      let hash = try SHA256()
      try handle.forEachChunk { try hash.update($0) }
      return try hash.finish() == digest ? nil : "\(handle.path) is not what was copied (SHA-256)"
    } catch {
      if let error = error as? StoreError, error.kind == .interrupted { throw error }
      return "\(error)"
    }
  }
}
