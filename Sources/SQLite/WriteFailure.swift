import CSQLite
import Glibc

/// Finds out why the system refused a write of SQLite.
///
/// SQLite keeps the system's reason only as long as nothing else fails afterwards. For a write that
/// a limit cut short, SQLite keeps no reason.
enum WriteFailure {
  /// The largest number of bytes that SQLite writes at once: a page, and the header of the page in
  /// the log.
  private static let room = 128 << 10
  /// O_TMPFILE of Linux, which is missing in the module of the C library.
  private static let withoutName: Int32 = 0o20_000_000 | O_DIRECTORY

  /// Finds the system's error number for a failed write with SQLite's extended result code; 0 where
  /// no number is known.
  static func cause(of code: Int32, reported: Int32, path: String) -> Int32 {
    let primary = code & 0xFF
    guard primary == SQLITE_IOERR || primary == SQLITE_FULL else { return 0 }
    if [EFBIG, ENOSPC, EDQUOT, EROFS].contains(reported) { return reported }
    if code == SQLITE_IOERR | 2 << 8 || code == SQLITE_IOERR | 1 << 8 { return reported }  // reads
    guard !path.isEmpty else { return primary == SQLITE_FULL ? 0 : reported }
    if isAtSizeLimit(path) { return EFBIG }
    if let found = trial(beside: path) { return found }
    return primary == SQLITE_IOERR ? reported : 0
  }

  /// Returns true where one of the database's files has nearly reached the limit of file sizes
  /// (`ulimit -f`).
  private static func isAtSizeLimit(_ path: String) -> Bool {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0,
      limit.rlim_cur != rlim_t.max
    else { return false }
    return ["", "-wal", "-journal", "-shm"].contains { suffix in
      var facts = stat()
      return stat(path + suffix, &facts) == 0
        && UInt64(clamping: facts.st_size) + UInt64(room) > limit.rlim_cur
    }
  }

  /// Tries to write a small unnamed file in the same directory, and returns the error number of the
  /// failure.
  ///
  /// Returns nil where the file can be written, or where the file system does not support such
  /// files.
  private static func trial(beside path: String) -> Int32? {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let file = open(directory, withoutName | O_WRONLY | O_CLOEXEC, 0o600)
    guard file >= 0 else { return [ENOSPC, EDQUOT, EROFS].contains(errno) ? errno : nil }
    defer { close(file) }
    // Not zeros, because some file systems store them without using space.
    let bytes = [UInt8](repeating: 0x55, count: room)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return errno }
      done += count
    }
    return fsync(file) == 0 ? nil : errno
  }
}
