internal import Glibc

/// Writes inside an open directory: relative to the directory's descriptor, and never through a
/// link.
extension Directory {
  /// Opens a directory inside this one; creates the directory with mode 0700 where it is missing.
  public func makeDirectory(named name: String) throws(FileError) -> Directory {
    let bytes = Array(name.utf8)
    if withEntry(bytes, { mkdirat($0, $1, 0o700) }) == 0 {
      // mkdirat applies the umask; the mode must not depend on it.
      _ = withEntry(bytes) { fchmodat($0, $1, 0o700, 0) }
      try sync()
    } else if errno != EEXIST {
      throw Self.refusal(errno, "\(path)/\(name)")
    }
    return try openDirectory(named: bytes)
  }

  /// Creates a file of mode 0600 in this directory; an existing entry with that name is never
  /// changed.
  public func createFile(named name: String) throws(FileError) -> OutputFile {
    do throws(SystemFailure) {
      return try OutputFile(adopting: open(Array(name.utf8), OutputFile.flags))
    } catch {
      throw Self.writeRefusal(error.code, "\(path)/\(name)")
    }
  }

  /// Renames a file to the name of another file, which is replaced at once or not at all.
  public func renameFile(_ name: String, over other: String) throws(FileError) {
    let code = withEntry(Array(name.utf8)) { number, old in
      withEntry(Array(other.utf8)) { renameat(number, old, $0, $1) }
    }
    guard code == 0 else { throw Self.writeRefusal(errno, "\(path)/\(other)") }
  }

  /// Gives a file a second name, which must be unused; where the file is a symbolic link, the link
  /// itself gets the second name.
  public func linkFile(_ name: String, as other: String) throws(FileError) {
    let code = withEntry(Array(name.utf8)) { number, old in
      withEntry(Array(other.utf8)) { linkat(number, old, $0, $1, 0) }
    }
    guard code == 0 else { throw Self.writeRefusal(errno, "\(path)/\(other)") }
  }

  /// Removes the file with this name; returns true where a file had this name.
  @discardableResult
  public func removeFile(named name: String) throws(FileError) -> Bool {
    if withEntry(Array(name.utf8), { unlinkat($0, $1, 0) }) == 0 { return true }
    if errno == ENOENT { return false }
    throw Self.writeRefusal(errno, "\(path)/\(name)")
  }

  /// Removes a directory inside this one with all its contents; links are removed, but not their
  /// targets.
  public func removeTree(named name: String) throws(FileError) {
    try removeTree(named: Array(name.utf8))
  }

  private func removeTree(named name: [UInt8]) throws(FileError) {
    let inner = try openDirectory(named: name)
    for entry in try inner.entryNames() {
      let isDirectory = try inner.facts(named: entry, links: .refuse)?.kind == .directory
      if isDirectory {
        try inner.removeTree(named: entry)
      } else if inner.withEntry(entry, { unlinkat($0, $1, 0) }) != 0 {
        throw Self.writeRefusal(errno, "\(inner.path)/\(ShownText.of(entry))")
      }
    }
    if withEntry(name, { unlinkat($0, $1, AT_REMOVEDIR) }) != 0 {
      throw Self.writeRefusal(errno, inner.path)
    }
  }

  /// Waits until the names in this directory are written to the disk.
  public func sync() throws(FileError) {
    let names: FileDescriptor
    do { names = try reopened() } catch { throw Self.refusal(error.code, path) }
    do { try names.sync() } catch { throw Self.writeRefusal(error.code, path) }
  }

  private static func writeRefusal(_ code: Int32, _ path: String) -> FileError {
    var refusal = refusal(code, path)
    refusal.problem = "cannot be written: \(String(cString: strerror(code)))"
    if code == ENOSPC || code == EDQUOT { refusal.remedy = "make room, or choose another place" }
    if code == EFBIG { refusal.remedy = "raise the limit of file sizes (ulimit -f)" }
    if code == EROFS { refusal.remedy = "choose a place that can be written to" }
    return refusal
  }
}
