internal import Bounds
internal import Glibc

/// The part of a source that is in memory: from `mark`, the first byte that is still needed, to
/// `end`.
///
/// `padding` zeros follow the last byte, so that a scanner may load whole blocks at the end. A
/// scanner stops at the first zero, and then compares its index with `end`. The same number of
/// zeros is before the first byte, so that a scanner may look back.
struct ByteWindow: ~Copyable {
  private static let padding = 64
  private static let chunk = 256 * 1024

  private var source: any ByteSource
  private(set) var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// The index after the last byte that is in memory.
  private(set) var end = 0
  /// The index of the next byte to read.
  var position = 0
  /// The index of the first byte that must stay in memory.
  var mark = 0
  /// The number of the source's bytes that come before index 0.
  private var dropped = 0
  private(set) var isAtEnd = false

  init(_ source: any ByteSource) {
    self.source = source
    capacity = Self.chunk
    base = Self.allocate(capacity)
  }

  /// Creates a window that contains a copy of all the bytes from the start.
  init(copying bytes: UnsafeRawBufferPointer) {
    source = MemoryByteSource([])
    capacity = bytes.count
    end = bytes.count
    isAtEnd = true
    base = Self.allocate(capacity)
    (base + end).update(repeating: 0, count: Self.padding)
    UnsafeMutableRawBufferPointer(start: base, count: end).copyMemory(from: bytes)
  }

  deinit { (base - Self.padding).deallocate() }

  /// Allocates memory for `capacity` bytes between paddings; returns the address of the first byte.
  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 2 * padding)
    memory.initialize(repeating: 0, count: 2 * padding)
    return memory + padding
  }

  /// Returns the offset in the source of the byte at `index`.
  func offset(of index: Int) -> Int { dropped + index }

  /// Appends the source's next bytes; discards the bytes before `mark`, so that the index of `mark`
  /// becomes 0.
  @inline(never)
  mutating func refill() throws {
    if mark > 0 {
      memmove(base, base + mark, end - mark)
      dropped += mark
      position -= mark
      end -= mark
      mark = 0
    }
    if capacity - end < Self.chunk / 2 { try grow() }
    let free = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
    let count = try source.read(into: free)
    isAtEnd = count == 0
    end += count
    (base + end).update(repeating: 0, count: Self.padding)
  }

  private mutating func grow() throws(MemoryRoom.Missing) {
    try MemoryRoom.require(2 * capacity, for: "an entry of more than \(capacity) bytes")
    let larger = Self.allocate(2 * capacity)
    larger.update(from: base, count: end)
    (base - Self.padding).deallocate()
    base = larger
    capacity *= 2
  }
}
