internal import Glibc

/// A new file that only its owner may read, whatever the umask.
public final class OutputFile {
  /// The error of a failed system call.
  public struct Failed: Error {
    /// The system's error number.
    public let code: Int32
  }

  private let descriptor: Int32

  /// Creates the file; an existing file, or a link in its place, is never changed.
  public convenience init(creating path: String) throws(Failed) {
    try self.init(adopting: open(path, Self.flags, 0o600))
  }

  /// Takes over the descriptor of a file that was just created; throws where the creation failed.
  init(adopting descriptor: Int32) throws(Failed) {
    guard descriptor >= 0 else { throw Failed(code: errno) }
    self.descriptor = descriptor
    // The mode that is given to open is changed by the umask.
    guard fchmod(descriptor, 0o600) == 0 else { throw Failed(code: errno) }
  }

  deinit { close(descriptor) }

  static let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC

  /// Writes all of the bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(Failed) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failed(code: errno) }
      done += count
    }
  }

  /// Writes a text as UTF-8.
  public func write(_ text: String) throws(Failed) {
    let bytes = Array(text.utf8)
    let failed: Failed? = bytes.withUnsafeBytes { bytes in
      do throws(Failed) {
        try write(bytes)
        return nil
      } catch {
        return error
      }
    }
    if let failed { throw failed }
  }

  /// Waits until the bytes are on the disk.
  public func sync() throws(Failed) {
    guard fsync(descriptor) == 0 else { throw Failed(code: errno) }
  }
}
