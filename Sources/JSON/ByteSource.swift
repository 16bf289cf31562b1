internal import Glibc

/// A source that delivers bytes in order, part by part: a file, a decrypted token, or memory.
public protocol ByteSource {
  /// Fills the beginning of `buffer` and returns the number of bytes read, which is 0 only at the
  /// end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A source that can be read twice, which is necessary where data are authenticated before they are
/// decrypted.
public protocol RewindableByteSource: ByteSource {
  /// Makes the next read start at the first byte again.
  mutating func rewind()
}

/// A source of bytes that are in memory already.
public struct MemoryByteSource: RewindableByteSource {
  private let bytes: [UInt8]
  private let chunk: Int
  private var offset = 0

  /// Creates a source of `bytes`, which delivers at most `chunk` bytes at a time.
  public init(_ bytes: [UInt8], chunk: Int = .max) {
    precondition(chunk > 0, "a source must return at least one byte")  // a programmer error
    self.bytes = bytes
    self.chunk = chunk
  }

  /// Fills the beginning of `buffer` with the next bytes.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(buffer.count, chunk, bytes.count - offset)
    bytes.withUnsafeBytes { all in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<offset + count]))
    }
    offset += count
    return count
  }

  /// Makes the next read start at the first byte again.
  public mutating func rewind() { offset = 0 }
}

/// The error of a file that the operating system could not read.
public struct ByteSourceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system's error number.
  public let code: Int32
  /// The offset of the first byte that could not be read.
  public let offset: Int64

  /// Creates an error from its parts.
  public init(code: Int32, offset: Int64) {
    self.code = code
    self.offset = offset
  }

  /// The cause and the place in one sentence.
  public var description: String {
    "reading failed at byte \(offset): \(String(cString: strerror(code)))"
  }
}
