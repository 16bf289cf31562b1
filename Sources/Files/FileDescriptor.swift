internal import Glibc

/// The owner of an open file descriptor, which is closed when the owner is destroyed.
public struct FileDescriptor: ~Copyable, Sendable {
  private let number: Int32

  /// Takes over a descriptor from now on; throws the error of the last system call where the number
  /// is negative.
  public init(adopting number: Int32) throws(SystemFailure) {
    guard number >= 0 else { throw SystemFailure() }
    self.number = number
  }

  /// Opens a file by its path; programs that are started later do not inherit the descriptor.
  ///
  /// - Parameter mode: the permissions of a file that is created, without those that the umask
  ///   removes.
  public init(opening path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(SystemFailure) {
    try self.init(adopting: open(path, flags | O_CLOEXEC, mode_t(mode)))
  }

  deinit { close(number) }

  /// Calls `body` with the number of the descriptor.
  public func withNumber<Result, Failure: Error>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(number)
  }

  /// Opens a stream of the directory's entries; the stream owns the descriptor from then on.
  consuming func stream() throws(SystemFailure) -> OpaquePointer {
    guard let stream = fdopendir(number) else {
      let failure = SystemFailure()
      _ = consume self
      throw failure
    }
    discard self
    return stream
  }

  /// Reads the next bytes into the beginning of `buffer`, and returns the number of bytes read.
  ///
  /// Fewer bytes than `buffer` has room for mean that the file ends there.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemFailure) -> Int {
    var done = 0
    while done < buffer.count {
      let count = Glibc.read(number, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemFailure() }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Reads the next bytes, at most `limit`.
  public func read(upTo limit: Int) throws(SystemFailure) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 16)
    defer { buffer.deallocate() }
    let count = try read(into: buffer)
    return Array(buffer[..<count])
  }

  /// Reads all remaining bytes.
  public func readToEnd() throws(SystemFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let next = try read(upTo: 65_536)
      bytes += next
      if next.count < 65_536 { return bytes }
    }
  }

  /// Writes all of the bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(number, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemFailure() }
      done += count
    }
  }

  /// Writes all of the bytes.
  public func write(_ bytes: [UInt8]) throws(SystemFailure) {
    let failure: SystemFailure? = bytes.withUnsafeBytes { bytes in
      do throws(SystemFailure) {
        try write(bytes)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Waits until the bytes are written to the disk.
  public func sync() throws(SystemFailure) {
    guard fsync(number) == 0 else { throw SystemFailure() }
  }
}
