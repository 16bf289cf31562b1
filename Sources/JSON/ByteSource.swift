internal import Glibc

/// A source of bytes in order, some at a time: a file, a decrypted token, memory.
public protocol ByteSource {
  /// Fills the beginning of `buffer` and returns how many bytes were read, 0 only at the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A source that can be read a second time, as is necessary to authenticate before decrypting.
public protocol RewindableByteSource: ByteSource {
  /// Makes the next read start at the first byte again.
  mutating func rewind()
}

/// A source of bytes that are in memory already.
public struct MemoryByteSource: RewindableByteSource {
  private let bytes: [UInt8]
  private let chunk: Int
  private var offset = 0

  /// Creates a source of `bytes` that returns at most `chunk` of them at a time.
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

/// The error where the operating system could not read the file.
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
