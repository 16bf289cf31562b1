package import Files
internal import Ledger
internal import Digests

/// Puts verified copies of a store's files into a folder.
///
/// All files are first written and synced under temporary names; then each file gets its final name
/// in one step.
package struct FileRestore {
  let copy: CopyFinder.Copy
  let target: Directory

  package init(copy: CopyFinder.Copy, target: Directory) {
    self.copy = copy
    self.target = target
  }

  /// The file that the folder already has under a name; it decides what is done for the new file.
  package enum Existing {
    /// The existing file is the same: nothing is done.
    case same
    /// No file has the name; a file that gets the name meanwhile stops the restore.
    case none
    /// The existing file differs, and is kept under the given other name.
    case keep(as: String)
  }

  /// Returns the size, kind and times of the existing file in the folder; nil where there is no
  /// such file.
  ///
  /// Refuses an entry that is not a regular file.
  package static func compare(_ file: BackupManifest.File, in folder: Directory?) throws
    -> FileFacts?
  {
    guard let folder, let facts = try folder.facts(named: file.name) else { return nil }
    guard facts.kind == .regular else {
      throw Failure(
        .backup,
        "\(folder.path)/\(file.name) is \(facts.kind), and only a regular file can be replaced",
        remedy: "move it away")
    }
    return facts
  }

  /// Returns true where the folder's file has exactly the bytes of the copy.
  package static func isSame(_ file: BackupManifest.File, in folder: Directory) throws -> Bool {
    let handle = try folder.openFile(named: file.name)
    guard Int(handle.facts.size) == file.size else { return false }
    let hash = try SHA256()
    try handle.forEachChunk { try hash.update($0) }
    return try hash.finish() == file.digest
  }

  /// Writes the files and gives them their names.
  func run(_ files: [(BackupManifest.File, Existing)]) throws {
    try stage(files)
    try exchange(files)
  }

  /// Writes and syncs the files under temporary names; removes all of them where one file cannot be
  /// written.
  package func stage(_ files: [(BackupManifest.File, Existing)]) throws {
    let source = try copy.backup.open(copy.store)
    try RoomCheck.check(
      Self.size(of: files), in: target.path, for: "the files to be restored",
      remedy: "make room there")
    do {
      for folder in folders(of: files) { _ = try target.makeDirectory(named: folder) }
      for (file, existing) in files {
        if case .same = existing { continue }
        try stage(file, from: source)
      }
      try sync(files)
    } catch {
      discard(files)
      throw error
    }
  }

  /// Gives the staged files their names, and calls `step` after each.
  package func exchange(_ files: [(BackupManifest.File, Existing)], step: () -> Void = {}) throws {
    for (file, existing) in files {
      if case .same = existing { continue }
      try exchange(file.name, existing)
      step()
    }
    try sync(files)
  }

  /// Returns the folders inside of the target in which some of the files are.
  private func folders(of files: [(BackupManifest.File, Existing)]) -> [String] {
    FileFolders.of(files.map(\.0.name))
  }

  /// Waits until the names of all files are written to the disk.
  private func sync(_ files: [(BackupManifest.File, Existing)]) throws {
    for folder in folders(of: files).reversed() { try target.openDirectory(at: folder).sync() }
    try target.sync()
  }

  /// Removes staged files.
  package func discard(_ files: [(BackupManifest.File, Existing)]) {
    for (file, _) in files { _ = try? target.removeFile(named: Self.temporary(file.name)) }
  }

  /// Returns the size of the files that have to be written.
  static func size(of files: [(BackupManifest.File, Existing)]) -> Int {
    files.reduce(0) { sum, entry in
      if case .same = entry.1 { sum } else { sum + entry.0.size }
    }
  }

  private static func temporary(_ name: String) -> String {
    let start = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
    return "\(name[..<start]).\(name[start...]).vector-ferry-part"
  }

  /// Writes a file under its temporary name; throws where the bytes read do not have the manifest's
  /// digest.
  private func stage(_ file: BackupManifest.File, from source: Directory) throws {
    let temporary = Self.temporary(file.name)
    // A killed run may have left this file.
    try target.removeFile(named: temporary)
    let output = try target.createFile(named: temporary)
    let hash = try SHA256()
    do {
      let input = try source.openFile(named: file.name)
      try input.forEachChunk { chunk in
        try hash.update(chunk)
        try output.write(chunk)
      }
      try output.sync()
      guard try hash.finish() == file.digest else {
        throw Failure(
          .backup, "\(input.path) differs from what was copied (SHA-256)",
          remedy: "restore from another backup: vector-ferry backups list")
      }
    } catch {
      _ = try? target.removeFile(named: temporary)
      if let failed = error as? SystemFailure {
        throw BackupFolder.failure("write \(target.path)/\(file.name)", code: failed.code)
      }
      throw error
    }
  }

  private func exchange(_ name: String, _ existing: Existing) throws {
    let temporary = Self.temporary(name)
    switch existing {
    case .same: break
    case .none:
      // The link fails where another program has created a file of this name meanwhile, which is
      // never overwritten.
      try target.linkFile(temporary, as: name)
      try target.removeFile(named: temporary)
    case .keep(let other):
      try target.linkFile(name, as: other)
      try target.renameFile(temporary, over: name)
    }
  }
}
