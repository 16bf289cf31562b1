internal import Glibc

/// Checks that a large piece of memory can be allocated.
///
/// Swift's own allocation ends the process where there is too little memory.
public enum MemoryRoom {
  /// The error where the system does not give so much memory.
  public struct Missing: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of bytes that were requested.
    public let bytes: Int
    /// The purpose of the requested memory.
    public let purpose: String

    /// The message for the operator: the missing memory, and the remedy.
    public var description: String {
      let megabytes = bytes / 1_000_000 + 1
      return "there is no memory for \(purpose) (\(megabytes) MB); "
        + "raise the limit (ulimit -v, or the container's limit), or use a machine with more memory"
    }
  }

  /// Throws where this many bytes cannot be allocated; allocates nothing.
  public static func require(_ bytes: Int, for purpose: String) throws(Missing) {
    guard bytes > 0 else { return }
    guard bytes <= containerLimit else { throw Missing(bytes: bytes, purpose: purpose) }
    // The compiler may remove a pair of malloc and free, but not these calls.
    let trial = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let trial, trial != MAP_FAILED else { throw Missing(bytes: bytes, purpose: purpose) }
    munmap(trial, bytes)
  }

  /// The largest number of bytes that the control group of this process may use; `Int.max` where
  /// there is no limit.
  private static let containerLimit: Int = {
    let places = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return places.compactMap(number(in:)).min() ?? .max
  }()

  /// Reads the number in a short file; nil where the file contains something else, such as `max`.
  private static func number(in path: String) -> Int? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return Int(String(decoding: bytes[..<count].prefix { $0 > 0x20 }, as: UTF8.self))
  }
}
