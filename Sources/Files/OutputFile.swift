internal import Glibc

/// A new file that only its owner may read, whatever the umask is.
public final class OutputFile: Sendable {
  private let descriptor: FileDescriptor

  /// Creates the file; where a file or a link has this path already, throws and changes nothing.
  public convenience init(creating path: String) throws(SystemFailure) {
    try self.init(adopting: FileDescriptor(opening: path, Self.flags))
  }

  /// Takes over the descriptor of a file that was just created.
  init(adopting descriptor: consuming FileDescriptor) throws(SystemFailure) {
    // The mode that is given to open is changed by the umask.
    let isSet = descriptor.withNumber { fchmod($0, 0o600) == 0 }
    guard isSet else { throw SystemFailure() }
    self.descriptor = descriptor
  }

  static let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC

  /// Writes all of the bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
    try descriptor.write(bytes)
  }

  /// Writes a text as UTF-8.
  public func write(_ text: String) throws(SystemFailure) {
    try descriptor.write(Array(text.utf8))
  }

  /// Waits until the bytes are written to the disk.
  public func sync() throws(SystemFailure) { try descriptor.sync() }
}
