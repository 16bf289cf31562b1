internal import Glibc
public import JSON

/// An open file, read with `pread`: the descriptor's own offset is neither used nor moved.
///
/// The caller owns the descriptor, and keeps it open for as long as this source is read.
public struct FileByteSource: RewindableByteSource {
  private let descriptor: Int32
  private let watch: ReadingWatch?
  private var offset: Int64 = 0

  /// Creates a source that starts at the first byte of an open, seekable file.
  public init(descriptor: Int32) {
    self.descriptor = descriptor
    watch = nil
  }

  /// Creates a source that starts at the first byte of a store's file.
  init(_ file: StoreFileHandle) {
    descriptor = file.descriptor
    watch = file.watch
  }

  /// Fills the beginning of `buffer` with the next bytes of the file.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      try StopRequest.check()
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count >= 0 {
        offset += Int64(count)
        watch?.passed(offset)
        return count
      }
      if errno != EINTR { throw ByteSourceError(code: errno, offset: offset) }
    }
  }

  /// Makes the next read start at the first byte again.
  public mutating func rewind() { offset = 0 }
}
