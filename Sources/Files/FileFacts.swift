internal import Glibc

/// The facts about an entry of the file system, as the system call `stat` reports them.
public struct FileFacts: Sendable, Hashable {
  /// The kind of an entry.
  public enum Kind: Sendable, Hashable {
    case regular, directory, link, pipe, socket, device
  }

  /// The kind of the entry.
  public let kind: Kind
  /// The size in bytes.
  public let size: Int64
  /// The time when the contents were last changed; programs can set this time.
  public let modified: FileTime
  /// The time when the entry itself was last changed; no program can set this time.
  public let changed: FileTime
  /// The number of the file system.
  public let device: UInt64
  /// The inode number within the file system.
  public let inode: UInt64
  /// The user id of the owner.
  public let owner: UInt32
  /// The number of names (hard links) of the file; some of them may be outside of the store.
  public let links: Int

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .link
    case S_IFIFO: kind = .pipe
    case S_IFSOCK: kind = .socket
    default: kind = .device
    }
    // Some file systems are programs, and may return anything.
    size = max(0, Int64(status.st_size))
    modified = FileTime(status.st_mtim)
    changed = FileTime(status.st_ctim)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    owner = UInt32(status.st_uid)
    links = Int(clamping: status.st_nlink)
  }

  /// Returns true where both facts are about the same entry of the same file system.
  public func isSameEntry(as other: FileFacts) -> Bool {
    device == other.device && inode == other.inode
  }
}

extension FileFacts.Kind: CustomStringConvertible {
  /// The words for the kind, with an article, for messages.
  public var description: String {
    switch self {
    case .regular: "a file"
    case .directory: "a directory"
    case .link: "a symbolic link"
    case .pipe: "a named pipe"
    case .socket: "a socket"
    case .device: "a device"
    }
  }
}
