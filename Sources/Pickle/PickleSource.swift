/// A source of bytes that can be read at any offset: a file or memory, of any size.
///
/// Several tasks may read one source at once, so a file is read with `pread`, never at a position
/// that tasks share. The bytes must not change while they are read: a file that others write must
/// be copied first.
public protocol PickleSource: Sendable {
  /// The number of bytes of the source.
  var count: Int { get }

  /// All of the bytes, where they are in memory or mapped into it; nil to have them read part by
  /// part.
  ///
  /// The bytes must stay in place as long as the source lives. No other process may be able to
  /// shorten a mapped file: the system ends a process that reads a page which no longer exists.
  var contents: UnsafeRawBufferPointer? { get }

  /// Fills the whole of `buffer` with the bytes from `offset` on.
  ///
  /// The range is always inside `0..<count`. A source that cannot deliver the bytes throws
  /// ``PickleError/unreadable(at:_:)``.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(PickleError)

  /// Finds the end of the zeros that begin at `offset` and were never written, as in a file with
  /// holes.
  ///
  /// Returns `offset` itself where there are no such zeros, or where that is not known.
  func endOfHole(at offset: Int) -> Int
}

extension PickleSource {
  /// The default, nil: the bytes are read part by part.
  public var contents: UnsafeRawBufferPointer? { nil }

  /// Returns `offset`, the default: no holes are looked for, so all bytes are read.
  public func endOfHole(at offset: Int) -> Int { offset }
}

/// A pickle that is in memory already.
public struct PickleBytes: PickleSource {
  private let bytes: [UInt8]

  /// Creates a source from a copy of these bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The number of bytes of the source.
  public var count: Int { bytes.count }

  /// Fills the whole of `buffer` with the bytes from `offset` on.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(PickleError) {
    guard offset >= 0, buffer.count <= bytes.count - offset else {
      throw PickleError.unreadable(at: offset, "outside the bytes in memory")
    }
    bytes.withUnsafeBytes { all in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<offset + buffer.count]))
    }
  }
}
