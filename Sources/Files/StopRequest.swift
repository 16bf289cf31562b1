public import Synchronization

/// The operator's request to stop, of which the process has one; every loop over files checks it.
///
/// The request is checked wherever bytes are read, and so takes effect within a fraction of a
/// second, whatever is done with the bytes. Cleaning up after the request reads no files.
public enum StopRequest {
  /// The number of times that the request was made; a signal handler increments it.
  public static let count = Atomic<Int>(0)

  /// True once the request was made.
  public static var isMade: Bool { count.load(ordering: .relaxed) > 0 }

  /// Throws an error if the request was made.
  public static func check() throws(FileError) {
    if isMade { throw .interrupted }
  }
}

extension FileError {
  /// The error that ends a reading when the operator wants to stop.
  public static var interrupted: FileError {
    FileError(.interrupted, file: "", problem: "interrupted", remedy: "")
  }
}
