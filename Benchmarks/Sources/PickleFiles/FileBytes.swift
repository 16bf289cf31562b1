import Glibc
public import Pickle

/// An open file, read with `pread` by as many threads as like.
public final class FileBytes: PickleSource {
  private let descriptor: Int32

  /// The file's size when it was opened.
  public let count: Int

  /// Opens a regular file for reading; nil where that fails.
  public init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills the whole of `buffer` with the bytes from `offset` on.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(PickleError) {
    var done = 0
    while done < buffer.count {
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, target.baseAddress, target.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .unreadable(at: offset + done, count == 0 ? "it became shorter" : "errno \(errno)")
      }
      done += count
    }
  }
}
