internal import Backups
internal import Clock
internal import Files
internal import Ledger
internal import Machine
internal import Stores

/// The application's files of one store, to be restored from a run's backup.
struct SourceFiles {
  let options: RollbackOptions
  let copy: CopyFinder.Copy
  let run: RunID

  /// Plans the work for each file, after reading the whole copy and comparing the copy with its
  /// manifest.
  func plan() throws -> [RollbackPlan.FilePlan] {
    if let problem = try copy.store.problems(in: copy.backup).first {
      throw Failure(
        .backup, "the backup is damaged: \(problem)",
        remedy: "restore the files by hand, or leave --files out")
    }
    let folder = try self.folder(making: false)
    let plans = try copy.store.files.map { file in
      RollbackPlan.FilePlan(
        path: "\(try target().path)/\(file.name)",
        action: try action(file, in: folder))
    }
    let size = zip(copy.store.files, plans).reduce(0) { sum, entry in
      entry.1.action == .same ? sum : sum + entry.0.size
    }
    try RoomCheck.check(
      size, in: try target().root, for: "the files to be restored",
      remedy: "make room there")
    return plans
  }

  /// Files that are written under temporary names and do not have their final names yet.
  struct Staged {
    fileprivate let restore: FileRestore
    fileprivate let files: [(BackupManifest.File, FileRestore.Existing)]

    /// Gives the files their final names; returns the number of files that had to be restored.
    func finish(step: () -> Void) throws -> Int {
      try restore.exchange(files, step: step)
      return files.count { if case .same = $0.1 { false } else { true } }
    }

    /// Removes the files with temporary names.
    func discard() { restore.discard(files) }
  }

  /// Writes the files under temporary names, so that a lack of space is found before anything is
  /// replaced.
  func stage() throws -> Staged {
    let target = try folder(making: true)
    let files = try copy.store.files.map { file -> (BackupManifest.File, FileRestore.Existing) in
      switch try action(file, in: target) {
      case .same: (file, .same)
      case .write: (file, .none)
      case .replace(let name, _): (file, .keep(as: name))
      }
    }
    guard let target else {
      throw Failure(.backup, "\(try self.target().path) cannot be made")
    }
    let restore = FileRestore(copy: copy, target: target)
    try restore.stage(files)
    return Staged(restore: restore, files: files)
  }

  /// The folder that the files are restored to: a root, and the folders that lead from there.
  private struct Target {
    let root: String
    let folders: [String]
    var path: String { ([root] + folders).joined(separator: "/") }
  }

  /// Returns where the files are restored to; refuses files from a place that the operator had named
  /// for the run, and has not named now.
  private func target() throws(Failure) -> Target {
    guard let folders = copy.store.givenFolders else {
      return Target(root: options.userDataDirectory, folders: copy.store.sourceFolders)
    }
    guard let place = options.place,
      (folders.first ?? copy.store.files.first?.name ?? "").utf8.elementsEqual(place.name.utf8)
    else {
      throw Failure(
        .preflight,
        "the files of \(copy.store.name) were not in the user data directory, but in "
          + copy.store.source,
        remedy: "give the path that the run had with --from, or leave --files out")
    }
    return Target(root: place.parent, folders: folders)
  }

  /// Returns the store's folder; nil where the folder does not exist and `making` is false.
  ///
  /// No link below the root is followed.
  private func folder(making: Bool) throws -> Directory? {
    let target = try target()
    var folder = try Directory(path: target.root, links: .follow)
    for name in target.folders {
      if making {
        folder = try folder.makeDirectory(named: name)
      } else if try folder.facts(named: name) == nil {
        return nil
      } else {
        folder = try folder.openDirectory(named: name)
      }
    }
    return folder
  }

  private func action(_ file: BackupManifest.File, in folder: Directory?) throws
    -> RollbackPlan.FilePlan.Action
  {
    guard let folder else { return .write }
    let facts = try FileRestore.compare(file, in: folder)
    if facts != nil, try FileRestore.isSame(file, in: folder) { return .same }
    try refuseJournal(of: file, in: folder)
    guard let facts else { return .write }
    let began = copy.backup.manifest?.startedAt.secondsSince1970 ?? 0
    return .replace(
      keeping: try freeName(for: file.name, in: folder),
      isNewer: facts.modified.seconds > began)
  }

  /// Refuses to restore a database of SQLite beside a journal of the present one: SQLite would apply
  /// that journal to the restored database, and so damage it.
  private func refuseJournal(of file: BackupManifest.File, in folder: Directory) throws {
    for ending in ["-wal", "-journal", "-shm"] {
      let name = file.name + ending
      guard !copy.store.files.contains(where: { $0.name == name }),
        try folder.facts(named: name) != nil
      else { continue }
      throw Failure(
        .preflight,
        "\(folder.path)/\(name) belongs to the present \(file.name), and would be applied to the "
          + "restored one",
        remedy: "end the program that has the database open; if the file stays, move it away "
          + "together with \(file.name), then run again")
    }
  }

  /// Returns a free name such as `vectors.pkl.before-rollback-1a2b3c4d`, with a number where that
  /// name exists.
  private func freeName(for name: String, in folder: Directory) throws -> String {
    let base = "\(name).before-rollback-\(run.description.prefix(8))"
    for number in 1...1000 {
      let name = number == 1 ? base : "\(base)_\(number)"
      if try folder.facts(named: name) == nil { return name }
    }
    throw Failure(.backup, "there are too many files named \(base) in \(folder.path)")
  }
}
