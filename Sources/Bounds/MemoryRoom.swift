internal import Glibc

/// Asks for memory before a large piece of it is taken: what Swift itself takes ends the process
/// where there is none.
public enum MemoryRoom {
  /// The system would not give so much.
  public struct Missing: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes that were asked for.
    public let bytes: Int
    /// The purpose of the memory that was asked for.
    public let purpose: String

    /// The sentence for the operator: the memory that is missing, and what to do.
    public var description: String {
      let megabytes = bytes / 1_000_000 + 1
      return "there is no memory for \(purpose) (\(megabytes) MB); "
        + "raise the limit (ulimit -v, the container's), or run where there is more"
    }
  }

  /// Throws where a piece of so many bytes cannot be had; takes none of it.
  public static func require(_ bytes: Int, for purpose: String) throws(Missing) {
    guard bytes > 0 else { return }
    guard bytes <= containerLimit else { throw Missing(bytes: bytes, purpose: purpose) }
    // A pair of malloc and free may be optimised away; these calls are not.
    let trial = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let trial, trial != MAP_FAILED else { throw Missing(bytes: bytes, purpose: purpose) }
    munmap(trial, bytes)
  }

  /// The most bytes that the control group of this process may use.
  private static let containerLimit: Int = {
    let places = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return places.compactMap(number(in:)).min() ?? .max
  }()

  /// The number that a short file holds; nil where it holds none, such as `max`.
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
