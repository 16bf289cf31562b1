internal import Digests
internal import Files
import Glibc

/// The few file operations that the embedded server needs.
enum File {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// Finds the owner of a file or folder, nil if it does not exist; links are not followed.
  static func owner(of path: String) -> uid_t? {
    var facts = stat()
    return lstat(path, &facts) == 0 ? facts.st_uid : nil
  }

  /// True for a real directory that `user` owns and nobody else may enter.
  static func isPrivate(_ path: String, to user: uid_t) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
      && facts.st_uid == user && facts.st_mode & 0o077 == 0
  }

  /// True where both paths lead to the same file.
  static func same(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one, &first) == 0 && stat(other, &second) == 0
      && first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Resolves the absolute path, without links, of something whose parent exists.
  static func absolute(_ path: String) throws(EmbeddedServerError) -> String {
    if let found = resolved(path) { return found }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let parent = path.contains("/") ? parent(of: path) : "."
    guard let folder = resolved(parent) else {
      throw .system(operation: "find", path: parent, code: errno)
    }
    return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
  }

  private static func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// Returns a short name made from a path: its FNV-1a hash of 64 bits.
  static func digest(_ path: String) -> String {
    let text = String(FNV1a.hash(path.utf8), radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// Lists the names in a directory, sorted; empty if the directory cannot be read.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Reads the first `limit` bytes of a small file as text, nil if it cannot be read.
  static func text(_ path: String, limit: Int = 65_536) -> String? {
    guard let file = try? FileDescriptor(opening: path, O_RDONLY) else { return nil }
    return String(decoding: (try? file.read(upTo: limit)) ?? [], as: UTF8.self)
  }

  /// Creates a directory if there is none, with this mode whatever the umask is.
  static func makeDirectory(_ path: String, mode: mode_t) throws(EmbeddedServerError) {
    if mkdir(path, mode) == 0 {
      chmod(path, mode)
    } else if errno != EEXIST {
      throw .system(operation: "make the directory", path: path, code: errno)
    }
  }

  /// Creates a private directory with a unique name.
  static func makeTemporaryDirectory(_ pattern: String) throws(EmbeddedServerError) -> String {
    guard let name = strdup(pattern) else {
      throw .system(operation: "make", path: pattern, code: ENOMEM)
    }
    defer { free(name) }
    guard mkdtemp(name) != nil else {
      throw .system(operation: "make the directory", path: pattern, code: errno)
    }
    return String(cString: name)
  }

  /// Makes an account the owner of a file or folder.
  static func give(_ path: String, to account: ServerAccount) throws(EmbeddedServerError) {
    guard lchown(path, account.user, account.group) == 0 else {
      throw .system(operation: "change the owner of", path: path, code: errno)
    }
  }

  /// Syncs a directory, so that renamed files survive a power loss where the file system allows it.
  static func synchronise(_ directory: String) {
    try? FileDescriptor(opening: directory, O_RDONLY | O_DIRECTORY).sync()
  }

  /// Replaces the contents of a file, completely or not at all.
  static func replace(_ path: String, with text: String) throws(EmbeddedServerError) {
    let draft = "\(path).\(getpid())"
    try append(text, to: draft, flags: O_EXCL)
    guard rename(draft, path) == 0 else {
      throw .system(operation: "write", path: path, code: errno)
    }
  }

  /// Appends text to a file; a new file gets mode 0600.
  static func append(
    _ text: String, to path: String, flags: Int32 = 0
  ) throws(EmbeddedServerError) {
    do {
      let file = try FileDescriptor(
        opening: path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | flags)
      try file.write(Array(text.utf8))
      try file.sync()
    } catch {
      throw .system(operation: "write", path: path, code: error.code)
    }
  }
}
