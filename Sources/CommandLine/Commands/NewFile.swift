internal import Ledger
internal import Glibc

/// A new file that a command writes; an existing file is never overwritten.
enum NewFile {
  /// Writes all bytes and waits until they are on the disk; removes a file that cannot be
  /// completed.
  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(
        .preflight, "cannot write \(path): \(String(cString: strerror(errno)))",
        remedy: errno == EEXIST ? "name another file, or move this one away" : nil)
    }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    let isWhole = done == bytes.count && fsync(descriptor) == 0
    let reason = String(cString: strerror(errno))
    close(descriptor)
    guard isWhole else {
      unlink(path)
      throw Failure(.preflight, "cannot write \(path): \(reason)", remedy: "make room there")
    }
  }
}
