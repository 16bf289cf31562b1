internal import Glibc

extension Directory {
  /// Lists the names of all entries except `.` and `..`, sorted by their bytes.
  public func entryNames() throws(FileError) -> [[UInt8]] {
    // On a descriptor of its own, because reading a directory moves the descriptor's position.
    let stream: OpaquePointer
    do {
      stream = try reopened().stream()
    } catch {
      throw Self.refusal(error.code, path)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      if names.count % 1024 == 1023 { try StopRequest.check() }
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = Self.name(of: entry)
      if name != [UInt8(ascii: ".")], name != [UInt8](repeating: UInt8(ascii: "."), count: 2) {
        names.append(name)
      }
    }
    if errno != 0 { throw Self.refusal(errno, path) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Opens this directory a second time, with a descriptor of its own.
  func reopened() throws(SystemFailure) -> FileDescriptor {
    try open([UInt8(ascii: ".")], O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    // The name may be longer than the declared field, so it is read in place.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let start = UnsafeRawPointer(entry) + offset
    let length = strlen(start.assumingMemoryBound(to: CChar.self))
    return Array(UnsafeRawBufferPointer(start: start, count: length))
  }
}

extension Directory {
  /// Creates the error for an error number of the operating system.
  static func refusal(_ code: Int32, _ path: String) -> FileError {
    let problem =
      code == ENOENT ? "does not exist" : "cannot be opened: \(String(cString: strerror(code)))"
    let remedy =
      switch code {
      case ENOENT: "check the path"
      case EACCES, EPERM: "run as a user who may read this entry, or change its permissions"
      case ENOTDIR: "a directory is expected here"
      case ELOOP: "replace the symbolic link by what it points to"
      case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
      case EIO: "check the disk, and restore the file from a copy"
      default: "remove the cause and run again"
      }
    return FileError(
      code == ELOOP ? .notRegular : .file, file: path, problem: problem, remedy: remedy)
  }

  /// Creates the error for an entry of another kind than expected, such as a link in place of a
  /// file.
  static func refusal(_ kind: FileFacts.Kind, _ path: String) -> FileError {
    FileError(
      .notRegular, file: path, problem: "is \(kind), which is not followed or opened",
      remedy: kind == .link
        ? "replace the link by a copy of the file or folder that it points to"
        : "move this entry away, or restore what belongs in its place")
  }
}
