import Glibc

/// Owns a block of floats that begins on a cache line, and zeroes it first.
struct FloatMemory: ~Copyable {
  let start: UnsafeMutablePointer<Float>
  let count: Int

  /// Zeroed memory for `count` floats. The system hands out large blocks as untouched zero pages,
  /// so a block costs nothing before it is used.
  init(count: Int) {
    self.count = count
    let bytes = max(64, count * MemoryLayout<Float>.stride)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memset(raw, 0, bytes)
    start = raw.bindMemory(to: Float.self, capacity: max(16, count))
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}
