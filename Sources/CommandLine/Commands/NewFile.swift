internal import Files
internal import Ledger
internal import Glibc

/// A new file that a command writes; an existing file is never overwritten.
enum NewFile {
  /// Writes all bytes and waits until they are on the disk; removes a file that is not complete.
  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let file: FileDescriptor
    do {
      file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL)
    } catch {
      throw Failure(
        .preflight, "cannot write \(path): \(error.reason)",
        remedy: error.code == EEXIST ? "name another file, or move the existing file away" : nil)
    }
    do {
      try file.write(bytes)
      try file.sync()
    } catch {
      unlink(path)
      throw Failure(.preflight, "cannot write \(path): \(error.reason)", remedy: "make room there")
    }
  }
}
