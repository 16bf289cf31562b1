internal import Clock
package import Files
internal import Ledger
internal import Bounds
internal import Digests
package import Stores

/// A run's backup as it was found on disk.
package struct StoredBackup: Sendable, Equatable {
  /// The state of a backup; only a good backup can be used.
  package enum State: String, Sendable {
    /// Everything that the backup's manifest lists exists.
    case good
    /// A file of the backup is damaged or missing, or a file does not belong to the backup.
    case bad
    /// The backup has no manifest: the run was stopped, or is still working.
    case unfinished
  }

  /// The folder's name, such as `20250112_143022`.
  package let folder: String
  /// The directory of all backups.
  let directory: String
  /// The backup's manifest; nil where there is no manifest that can be trusted.
  package let manifest: BackupManifest?
  /// The faults of the backup, in words.
  package let problems: [String]

  /// The folder's path, as it is shown to the operator.
  package var path: String { "\(directory)/\(folder)" }

  /// The state of the backup, which follows from the manifest and the faults.
  package var state: State {
    if !problems.isEmpty { return .bad }
    return manifest == nil ? .unfinished : .good
  }

  /// The size of all files that the manifest lists.
  package var size: Int { manifest?.stores.map(\.size).sumSaturated() ?? 0 }

  /// The time at which the run began, in seconds since 1970.
  ///
  /// Without a manifest, the time at which the folder last changed, or 0 where this cannot be read.
  ///
  /// The folder's name is not used for this, because local time may jump.
  var began: Int64 {
    if let manifest { return manifest.startedAt.secondsSince1970 }
    guard let facts = try? open().facts() else { return 0 }
    return facts.modified.seconds
  }

  /// Opens the backup's folder; no link is followed below the directory of backups.
  func open() throws(StoreError) -> Directory {
    try Directory(path: directory, links: .follow).openDirectory(named: folder)
  }

  /// Opens the folder of one store's copy.
  package func open(_ store: BackupManifest.Store) throws(StoreError) -> Directory {
    try open().openDirectory(named: store.folders.user)
      .openDirectory(named: store.folders.collection)
  }
}

extension BackupManifest.Store {
  /// Reads every byte of a store's copy and returns the faults of the copy; throws only where the
  /// operator wants to stop.
  package func problems(in backup: StoredBackup) throws(StoreError) -> [String] {
    do {
      return try problems(in: backup.open(self), readingBytes: true)
    } catch {
      if error.kind == .interrupted { throw error }
      return [error.description]
    }
  }

  /// Returns the faults of the files in a folder: a file that is missing, that is not in the
  /// manifest, or that has another kind, size or content.
  func problems(in folder: Directory, readingBytes: Bool) throws(StoreError) -> [String] {
    var problems: [String] = []
    let folders = FileFolders.of(files.map(\.name))
    let known = Set((files.map(\.name) + folders).map { Array($0.utf8) })
    for inner in [""] + folders.map({ "\($0)/" }) {
      // A folder that is missing is found below, by its files.
      guard let place = inner.isEmpty ? folder : try? folder.openDirectory(at: inner) else {
        continue
      }
      for entry in try place.entryNames() where !known.contains(Array(inner.utf8) + entry) {
        let name = String(decoding: entry, as: UTF8.self)
        problems.append("\(place.path)/\(name) is not in the manifest")
      }
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
  fileprivate func problem(in folder: Directory, readingBytes: Bool) throws(StoreError)
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
      return try hash.finish() == digest
        ? nil : "\(handle.path) differs from what was copied (SHA-256)"
    } catch {
      if let error = error as? StoreError, error.kind == .interrupted { throw error }
      return "\(error)"
    }
  }
}
