internal import Files
internal import OwnSchema
internal import Glibc

/// A folder of migrations on disk: lists its contents and reads its files.
struct MigrationFolder {
  /// The path of the folder as the operator has given it, without a slash at its end.
  let path: String
  /// The files and subfolders in the order of their names, without hidden ones.
  let entries: [Entry]

  struct Entry: Equatable {
    let name: String
    let isDirectory: Bool
  }

  init(_ directory: String) throws(SchemaError) {
    let hasSlash = directory.count > 1 && directory.hasSuffix("/")
    path = hasSlash ? String(directory.dropLast()) : directory
    guard let entries = Self.entries(of: path) else {
      throw SchemaError(
        "cannot read the folder \(directory): \(String(cString: strerror(errno)))",
        remedy: "name a folder of .sql files with --dir")
    }
    self.entries = entries
  }

  /// The names of all files that end in `.sql`, even if they are not migrations.
  var sqlNames: [String] { entries.map(\.name).filter { $0.hasSuffix(".sql") } }

  /// The names of the subfolders.
  var folderNames: [String] { entries.filter(\.isDirectory).map(\.name) }

  /// Returns true where the folder itself contains a file or subfolder of this name.
  func has(_ name: String) -> Bool { entries.contains { $0.name == name } }

  /// The folder's own name, with links and dots resolved.
  var setName: String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    let resolved = String(cString: real)
    return resolved.split(separator: "/").last.map(String.init) ?? resolved
  }

  /// Reads a file of the folder or of a subfolder, such as `deploy/users.sql`.
  func file(_ name: String) throws(SchemaError) -> MigrationSet.File {
    let path = "\(path)/\(name)"
    return MigrationSet.File(name: name, path: path, bytes: try Self.contents(of: path))
  }

  /// Reads the text of a file, in the form in which it is hashed and split into statements.
  func text(_ name: String) throws(SchemaError) -> MigrationText {
    let file = try file(name)
    return try MigrationText(file.bytes, file: file.path)
  }

  /// Returns true where a file exists; the name may contain a subfolder: `deploy/users.sql`.
  func hasFile(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

  /// Lists the contents of a subfolder; empty where the subfolder does not exist or cannot be read.
  func entries(in folder: String) -> [Entry] { Self.entries(of: "\(path)/\(folder)") ?? [] }

  private static func entries(of path: String) -> [Entry]? {
    guard let stream = opendir(path) else { return nil }
    defer { closedir(stream) }
    var entries: [Entry] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      var facts = stat()
      let isDirectory =
        stat("\(path)/\(name)", &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
      entries.append(Entry(name: name, isDirectory: isDirectory))
    }
    return entries.sorted { $0.name < $1.name }
  }

  private static func contents(of path: String) throws(SchemaError) -> [UInt8] {
    // The file is opened without waiting, in case it is a pipe.
    let file: FileDescriptor
    do {
      file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    } catch {
      throw unreadable(path, error)
    }
    var facts = stat()
    guard file.withNumber({ fstat($0, &facts) }) == 0 else {
      throw unreadable(path, SystemFailure())
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      let kind = facts.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not an ordinary file"
      throw SchemaError(
        "\(path) has the name of a migration and is \(kind)",
        remedy: "give this entry a name without .sql, or move it out of the folder")
    }
    do {
      return try file.readToEnd()
    } catch {
      throw unreadable(path, error)
    }
  }

  private static func unreadable(_ path: String, _ failure: SystemFailure) -> SchemaError {
    SchemaError(
      "cannot read \(path): \(failure.reason)",
      remedy: failure.code == ENOENT || failure.code == ELOOP
        ? "this entry is a symbolic link to a file that does not exist: correct or remove the link"
        : "check its permissions")
  }
}
