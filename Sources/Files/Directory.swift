internal import Glibc

/// An open directory; whatever other people may write to is opened only through such a directory.
///
/// All files and directories inside are opened relative to the directory's descriptor, never
/// through a path, and never through a symbolic link. Where somebody replaces a directory by a link
/// during a run, the link is not followed.
public final class Directory: Sendable {
  /// The treatment of a symbolic link at the end of a path.
  public enum Links: Sendable {
    case follow, refuse
  }

  /// The directory as the operator would type it, for messages.
  public let path: String
  private let descriptor: FileDescriptor

  /// Opens a directory by its path.
  ///
  /// - Parameter links: `.follow` where the path's last component may be a symbolic link.
  public init(path: String, links: Links = .refuse) throws(FileError) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (links == .refuse ? O_NOFOLLOW : 0)
    var trimmed = path[...]
    // With a slash at its end, a link would be followed.
    while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
    self.path = String(trimmed)
    do {
      descriptor = try FileDescriptor(opening: self.path, flags)
    } catch {
      throw Self.refusal(error.code, path)
    }
  }

  private init(adopting descriptor: consuming FileDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Passes the descriptor and a name in this directory to a system call.
  ///
  /// A name with slashes is that of an entry in a folder inside the directory: the folders are
  /// opened step by step, and links are not followed. A name that would lead out of the directory,
  /// or that no entry can have, is passed as an empty name, which does not exist.
  func withEntry<Result>(
    _ name: [UInt8], _ body: (Int32, UnsafePointer<CChar>) -> Result
  ) -> Result {
    descriptor.withNumber { Self.withEntry(name[...], of: $0, body) }
  }

  private static func withEntry<Result>(
    _ name: ArraySlice<UInt8>, of number: Int32, _ body: (Int32, UnsafePointer<CChar>) -> Result
  ) -> Result {
    guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else {
      return withCString(Array(name)) { body(number, $0) }
    }
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let first = Array(name[..<slash])
    do throws(SystemFailure) {
      guard first != [UInt8(ascii: ".")] else { return withCString([]) { body(number, $0) } }
      let inner = try FileDescriptor(
        adopting: withCString(first) { openat(number, $0, flags) })
      return inner.withNumber { withEntry(name[(slash + 1)...], of: $0, body) }
    } catch {
      return withCString([]) { body(number, $0) }
    }
  }

  /// Opens an entry of this directory by the bytes of its name.
  func open(_ name: [UInt8], _ flags: Int32) throws(SystemFailure) -> FileDescriptor {
    try FileDescriptor(adopting: withEntry(name) { openat($0, $1, flags, 0o600) })
  }

  /// Returns true where a path exists, even if it is a broken link.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 || errno != ENOENT
  }

  /// Opens a directory inside this one; a symbolic link is refused.
  public func openDirectory(named name: String) throws(FileError) -> Directory {
    try openDirectory(named: Array(name.utf8))
  }

  /// Opens a file inside this directory; refuses, without opening it, anything that is no regular
  /// file.
  public func openFile(named name: String) throws(FileError) -> InputFile {
    let place = "\(path)/\(name)"
    guard let before = try facts(named: name) else { throw Self.refusal(ENOENT, place) }
    if before.kind != .regular { throw Self.refusal(before.kind, place) }
    // The entry may have been replaced since it was checked: the flags neither wait for the other
    // end of a pipe nor follow a link, and what was opened is checked again.
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let descriptor: FileDescriptor
    do {
      descriptor = try open(Array(name.utf8), flags)
    } catch {
      throw Self.refusal(error.code, place)
    }
    let file = try InputFile(adopting: descriptor, path: place)
    try refuseForeignLink(file)
    return file
  }

  /// Reads the facts about an entry of this directory; nil where there is none.
  ///
  /// A symbolic link is not followed.
  public func facts(named name: String) throws(FileError) -> FileFacts? {
    try facts(named: Array(name.utf8), links: .refuse)
  }

  /// Reads the facts about an entry of this directory by the bytes of its name; nil where there is
  /// none.
  public func facts(named name: [UInt8]) throws(FileError) -> FileFacts? {
    try facts(named: name, links: .refuse)
  }

  /// Reads the facts about the directory itself.
  public func facts() throws(FileError) -> FileFacts {
    var status = stat()
    if descriptor.withNumber({ fstat($0, &status) }) != 0 { throw Self.refusal(errno, path) }
    return FileFacts(status)
  }

  /// Refuses a file that has several names (hard links), and another owner than the directory.
  ///
  /// Anyone who may write to the directory could have linked a file from elsewhere that only this
  /// program's account may read. Copies that share their files with a snapshot have the directory's
  /// owner, and are read.
  private func refuseForeignLink(_ file: InputFile) throws(FileError) {
    guard file.facts.links > 1, try facts().owner != file.facts.owner else { return }
    throw FileError(
      .notRegular, file: file.path,
      problem: "is a hard link to a file of another owner, which is not read",
      remedy: "replace the file by a copy, or give it to the owner of its directory")
  }

  /// Opens a directory by the bytes of its name; a symbolic link is refused.
  public func openDirectory(named name: [UInt8]) throws(FileError) -> Directory {
    let place = "\(path)/\(ShownText.of(name))"
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let code: Int32
    do throws(SystemFailure) {
      return Directory(adopting: try open(name, flags), path: place)
    } catch {
      code = error.code
    }
    // O_DIRECTORY with O_NOFOLLOW reports a link as "not a directory".
    if code == ENOTDIR || code == ELOOP,
      let found = try facts(named: name, links: .refuse), found.kind != .directory
    {
      throw Self.refusal(found.kind, place)
    }
    throw Self.refusal(code, place)
  }

  /// Opens a directory by its path inside this one, step by step; symbolic links are refused.
  public func openDirectory(at path: String) throws(FileError) -> Directory {
    var folder = self
    for name in path.utf8.split(separator: UInt8(ascii: "/")) {
      folder = try folder.openDirectory(named: Array(name))
    }
    return folder
  }

  /// Reads the facts about an entry of this directory by the bytes of its name; nil where there is
  /// none.
  ///
  /// - Parameter links: `.follow` to follow a symbolic link.
  package func facts(named name: [UInt8], links: Links) throws(FileError) -> FileFacts? {
    var status = stat()
    let flags = links == .refuse ? AT_SYMLINK_NOFOLLOW : 0
    let result = withEntry(name) { fstatat($0, $1, &status, flags) }
    if result == 0 { return FileFacts(status) }
    if errno == ENOENT || errno == ELOOP { return nil }
    throw Self.refusal(errno, "\(path)/\(ShownText.of(name))")
  }

  private static let dots = Array("..".utf8)

  private static func withCString<Result>(
    _ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    // A name that no directory entry can have, or that would lead elsewhere, is looked up as "",
    // which is never found.
    let isEntry = !name.contains(0) && !name.contains(UInt8(ascii: "/")) && name != dots
    let characters = (isEntry ? name : []).map { CChar(bitPattern: $0) } + [0]
    return characters.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("has its final zero") }
      return body(base)
    }
  }
}
