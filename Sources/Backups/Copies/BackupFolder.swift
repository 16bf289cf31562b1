package import Clock
internal import Files
package import Ledger
internal import Digests
internal import Glibc
package import Machine
package import Stores

/// One run's folder of copies: `<backup directory>/<YYYYMMDD_HHMMSS>/<user>/<collection>/`.
///
/// A copy counts only after it was written, synced, read back and found equal. The manifest is
/// written last: a folder without a manifest is an incomplete backup, which is never used.
package final class BackupFolder {
  /// The folder's path, as it is shown to the operator.
  package let path: String
  private var copies: [BackupManifest.Store] = []

  /// Creates a new folder for a run that begins now.
  ///
  /// Where two runs begin in the same second, the name of the second run's folder ends in `_2`.
  package init(in directory: String, startedAt: CalendarTime) throws(Failure) {
    try Self.makeDirectory(directory, mayExist: true)
    // The names of new folders must be on the disk before a power loss, as their contents are. A
    // parent folder that cannot be listed was not created by this program.
    let above = Self.parent(of: directory)
    if access(above, R_OK) == 0 { try Self.sync(directory: above) }
    let stamp = startedAt.compact
    for attempt in 1...100 {
      let path = "\(directory)/\(stamp)" + (attempt == 1 ? "" : "_\(attempt)")
      if mkdir(path, 0o700) == 0 {
        // mkdir applies the umask; the mode must not depend on it.
        chmod(path, 0o700)
        self.path = path
        try Self.sync(directory: directory)
        return
      }
      guard errno == EEXIST else { throw Self.failure("make the folder \(path)") }
    }
    throw Failure(.backup, "cannot find a free name for \(directory)/\(stamp)")
  }

  /// Copies a store's files and reads the copies back; throws where the digest of the files is not
  /// `expected`, or a copy differs from its file.
  ///
  /// - Returns: the path of the folder with the copy.
  package func add(_ store: FoundStore, expected: [UInt8]) throws -> String {
    let folders = BackupManifest.Folders(of: store.name)
    let user = "\(path)/\(folders.user)"
    let folder = "\(user)/\(folders.collection)"
    try Self.makeDirectory(user, mayExist: true)
    try Self.makeDirectory(folder, mayExist: false)
    do {
      let files = try copyFiles(of: store, to: folder, expected: expected)
      let inner = FileFolders.of(files.map(\.name)).reversed().map { "\(folder)/\($0)" }
      for directory in inner + [folder, user, path] { try Self.sync(directory: directory) }
      copies.append(
        BackupManifest.Store(
          name: store.name, source: store.path, folders: folders, files: files,
          format: store.format,
          place: !store.isGiven && store.folders == store.format.folders(of: store.name)
            ? nil : store.folders,
          isGiven: store.isGiven))
    } catch {
      // The manifest will not list this copy, and an incomplete copy must not stay beside complete
      // ones.
      try? Directory(path: user)
        .removeTree(named: folders.collection)
      throw error
    }
    return folder
  }

  private func copyFiles(of store: FoundStore, to folder: String, expected: [UInt8]) throws
    -> [BackupManifest.File]
  {
    let source = try store.open()
    for inner in FileFolders.of(store.files.map(\.name)) {
      try Self.makeDirectory("\(folder)/\(inner)", mayExist: false)
    }
    let files = try store.files.map { try copy($0.name, from: source, to: folder) }
    guard try SourceDigest(files: files).bytes == expected else {
      throw Failure(
        .source, "the store changed while it was copied",
        remedy: "stop the application that writes to the store, then run again")
    }
    return files
  }

  /// Writes the manifest, which makes the backup complete.
  package func seal(run: RunID, startedAt: CalendarTime) throws {
    let text = try BackupManifest(run: run, startedAt: startedAt, stores: copies).json()
    let temporary = "\(path)/manifest.json.part"
    do {
      let file = try OutputFile(creating: temporary)
      try file.write(text)
      try file.sync()
    } catch let code {
      throw Self.failure("write \(temporary)", code: code.code)
    }
    guard rename(temporary, "\(path)/manifest.json") == 0 else {
      throw Self.failure("write \(path)/manifest.json")
    }
    try Self.sync(directory: path)
  }

  private func copy(_ name: String, from source: Directory, to folder: String) throws
    -> BackupManifest.File
  {
    let target = "\(folder)/\(name)"
    let input = try source.openFile(named: name)
    let sent = try SHA256()
    var size = 0
    do {
      let output = try OutputFile(creating: target)
      try input.forEachChunk { chunk in
        try sent.update(chunk)
        size += chunk.count
        try output.write(chunk)
      }
      try output.sync()
    } catch let error as SystemFailure {
      throw Self.failure("write \(target)", code: error.code)
    }
    let digest = try sent.finish()
    guard try Self.digest(of: name, in: folder) == digest else {
      throw Failure(
        .backup, "\(target) was read back with other bytes than were written",
        remedy: "the disk of the backup is failing; choose another disk with --backup-dir")
    }
    return BackupManifest.File(name: name, size: size, digest: digest)
  }

  private static func digest(of name: String, in folder: String) throws -> SHA256.Digest {
    let hash = try SHA256()
    try Directory(path: folder).openFile(named: name).forEachChunk { try hash.update($0) }
    return try hash.finish()
  }
}

extension BackupFolder {
  package static func makeDirectory(_ path: String, mayExist: Bool) throws(Failure) {
    if mkdir(path, 0o700) == 0 {
      chmod(path, 0o700)
      return
    }
    // The name of one store is too long: only this store fails, and the others continue.
    if errno == ENAMETOOLONG {
      throw Failure(
        .source,
        "the folder of the store's backup has too long a name for the file system: \(path)",
        remedy: "choose a --backup-dir with a shorter path, or rename the store's directory")
    }
    guard errno == EEXIST, mayExist else { throw failure("make the folder \(path)") }
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(.backup, "\(path) exists and is not a folder", remedy: "move it away")
    }
  }

  /// Returns the folder that holds `path`.
  private static func parent(of path: String) -> String {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  static func sync(directory: String) throws(Failure) {
    try sync(directory, O_DIRECTORY)
  }

  static func sync(file: String) throws(Failure) {
    try sync(file, O_NOFOLLOW)
  }

  private static func sync(_ path: String, _ flags: Int32) throws(Failure) {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor(opening: path, O_RDONLY | flags)
    } catch {
      throw failure("open \(path)", code: error.code)
    }
    do { try descriptor.sync() } catch { throw failure("sync \(path)", code: error.code) }
  }

  static func failure(_ operation: String, code: Int32 = errno) -> Failure {
    Failure(
      .backup, "cannot \(operation): \(String(cString: strerror(code)))",
      remedy: code == EFBIG
        ? "nothing was written to the database; raise the limit of file sizes (ulimit -f)"
        : "nothing was written to the database; make room or choose another --backup-dir")
  }
}
