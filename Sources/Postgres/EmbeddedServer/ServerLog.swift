internal import Files
import Glibc

/// The server's log; each start appends to it, or begins a new log where the old log is large.
struct ServerLog: ~Copyable {
  /// The file, open for appending.
  let file: FileDescriptor
  /// The length of the log before this start.
  let start: Int

  private static let largest = 4 << 20

  init(path: String, owner: ServerAccount?) throws(EmbeddedServerError) {
    var facts = stat()
    if lstat(path, &facts) == 0, facts.st_size > Self.largest { rename(path, "\(path).1") }
    do {
      file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
    } catch {
      throw .system(operation: "write", path: path, code: error.code)
    }
    start = file.withNumber { number in
      if let owner { fchown(number, owner.user, owner.group) }
      return fstat(number, &facts) == 0 ? Int(facts.st_size) : 0
    }
  }

  /// Reads the last lines that were written after `offset`.
  static func tail(of path: String, from offset: Int, lines: Int = 15) -> String {
    guard let file = try? FileDescriptor(opening: path, O_RDONLY) else { return "" }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = file.withNumber { number in
      let end = Int(lseek(number, 0, SEEK_END))
      return pread(number, &bytes, bytes.count, max(offset, end - bytes.count))
    }
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
      .split(separator: "\n").suffix(lines).joined(separator: "\n")
  }
}
