import Glibc

/// A block of floats that begins on a cache line and is initially zero.
///
/// The system provides large blocks as untouched zero pages, so that unused parts cost no memory.
final class FloatMemory {
  let start: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    start = zeroedMemory(of: Float.self, count: count)
  }

  deinit { free(start) }
}

/// A block of doubles with the same properties as `FloatMemory`.
final class WideMemory {
  let start: UnsafeMutablePointer<Double>
  let count: Int

  init(count: Int) {
    self.count = count
    start = zeroedMemory(of: Double.self, count: count)
  }

  deinit { free(start) }
}

private func zeroedMemory<Element>(
  of type: Element.Type, count: Int
) -> UnsafeMutablePointer<Element> {
  let bytes = max(64, count * MemoryLayout<Element>.stride)
  // Large blocks begin on a huge page, so that the processor needs few address translations.
  let alignment = bytes >= 1 << 22 ? 1 << 21 : 64
  var raw: UnsafeMutableRawPointer?
  guard posix_memalign(&raw, alignment, bytes) == 0, let raw else {
    fatalError("out of memory: \(bytes) bytes")  // Nothing sensible can follow.
  }
  if alignment > 64 { madvise(raw, bytes, Int32(MADV_HUGEPAGE)) }
  memset(raw, 0, bytes)
  return raw.bindMemory(to: type, capacity: max(1, count))
}
