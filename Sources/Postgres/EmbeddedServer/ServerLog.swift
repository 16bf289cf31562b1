import Glibc

/// The server's log: appended to, and renamed at a start once it is large.
struct ServerLog: ~Copyable {
  /// The descriptor, open for appending.
  let file: Int32
  /// The length of the log before this start.
  let start: Int

  private static let largest = 4 << 20

  init(path: String, owner: ServerAccount?) throws(EmbeddedServerError) {
    var facts = stat()
    if lstat(path, &facts) == 0, facts.st_size > Self.largest { rename(path, "\(path).1") }
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw .system(operation: "write", path: path, code: errno) }
    if let owner { fchown(file, owner.user, owner.group) }
    start = fstat(file, &facts) == 0 ? Int(facts.st_size) : 0
  }

  deinit { close(file) }

  /// Reads the last lines that were written after `offset`.
  static func tail(of path: String, from offset: Int, lines: Int = 15) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    let end = Int(lseek(file, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = pread(file, &bytes, bytes.count, max(offset, end - bytes.count))
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
      .split(separator: "\n").suffix(lines).joined(separator: "\n")
  }
}
