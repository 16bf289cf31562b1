internal import Glibc
public import JSON

/// An open file as a source of bytes; its descriptor's own position is neither used nor moved.
public struct FileByteSource: RewindableByteSource {
  private let file: Place
  private var offset: Int64 = 0

  private enum Place {
    /// A descriptor that the caller owns.
    case lent(Int32)
    case file(InputFile)
  }

  /// Creates a source that starts at the first byte of an open, seekable file.
  ///
  /// The caller owns the descriptor, and must keep it open for as long as this source is read.
  public init(descriptor: Int32) { file = .lent(descriptor) }

  /// Creates a source that starts at the first byte of a file.
  public init(_ file: InputFile) { self.file = .file(file) }

  /// Fills the beginning of `buffer` with the next bytes of the file.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      try StopRequest.check()
      let count = read(into: buffer, at: offset)
      if count >= 0 {
        offset += Int64(count)
        if case .file(let file) = file { file.watch.passed(offset) }
        return count
      }
      if errno != EINTR { throw ByteSourceError(code: errno, offset: offset) }
    }
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
    switch file {
    case .lent(let number): pread(number, buffer.baseAddress, buffer.count, off_t(offset))
    case .file(let file):
      file.withNumber { pread($0, buffer.baseAddress, buffer.count, off_t(offset)) }
    }
  }

  /// Makes the next read start at the first byte again.
  public mutating func rewind() { offset = 0 }
}
