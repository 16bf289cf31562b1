internal import Bounds
internal import Glibc

/// The free space of the disk that holds a path.
package struct FreeSpace: Sendable, Equatable {
  /// The number of bytes that an ordinary user may still write.
  package let bytes: Int
  /// The size of the disk in bytes.
  package let total: Int
  /// True where nothing can be written to the disk.
  package let isReadOnly: Bool

  /// Reads the free space of the disk that holds a path; nil where the path cannot be read.
  package init?(at path: String) {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { return nil }
    let unit = Int(clamping: facts.f_frsize)
    bytes = Int(clamping: facts.f_bavail).multipliedSaturated(by: unit)
    total = Int(clamping: facts.f_blocks).multipliedSaturated(by: unit)
    isReadOnly = facts.f_flag & UInt(ST_RDONLY) != 0
  }

  /// Returns the longest beginning of `path` that already exists.
  package static func existing(_ path: String) -> String {
    var path = path[...]
    while !path.isEmpty {
      if access(String(path), F_OK) == 0 { return String(path) }
      guard let slash = path.lastIndex(of: "/") else { return "." }
      path = path[..<slash]
    }
    return "/"
  }

  /// Returns a size as text with its unit.
  package static func shown(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var size = Double(bytes)
    var unit = 0
    while size >= 1000, unit < units.count - 1 {
      size /= 1000
      unit += 1
    }
    return unit == 0 ? "\(bytes) B" : "\((size * 10).rounded() / 10) \(units[unit])"
  }
}
