internal import Glibc

extension MigrationSet {
  /// Reads every `.sql` file of a folder, links followed, folders inside left alone.
  public static func read(directory: String) throws(SchemaError) -> MigrationSet {
    guard let stream = opendir(directory) else {
      throw SchemaError(
        "cannot read the folder \(directory): \(String(cString: strerror(errno)))",
        remedy: "name a folder of .sql files with --dir")
    }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".sql"), !name.hasPrefix(".") { names.append(name) }
    }
    closedir(stream)
    let base = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    let files = try names.map { name throws(SchemaError) in
      File(name: name, path: "\(base)/\(name)", bytes: try contents(of: "\(base)/\(name)"))
    }
    return try MigrationSet(
      name: setName(of: directory), summary: "", files: files, isBundled: false,
      directory: directory)
  }

  /// The folder's own name, links and dots resolved.
  private static func setName(of directory: String) -> String {
    guard let real = realpath(directory, nil) else { return directory }
    defer { free(real) }
    let path = String(cString: real)
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func contents(of path: String) throws(SchemaError) -> [UInt8] {
    // A pipe of that name must not be waited for.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw unreadable(path) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw unreadable(path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      let kind = facts.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not an ordinary file"
      throw SchemaError(
        "\(path) has the name of a migration and is \(kind)",
        remedy: "give it a name without .sql, or move it out of the folder")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 {
        return bytes
      } else if errno != EINTR {
        throw unreadable(path)
      }
    }
  }

  private static func unreadable(_ path: String) -> SchemaError {
    let code = errno
    return SchemaError(
      "cannot read \(path): \(String(cString: strerror(code)))",
      remedy: code == ENOENT || code == ELOOP
        ? "it is a link that leads nowhere: mend or remove it" : "check its permissions")
  }
}
