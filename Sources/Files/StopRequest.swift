public import Synchronization

/// The operator's request to stop, one for the process, which every loop over files checks.
///
/// The request is checked wherever bytes are read, and so takes effect within a fraction of a
/// second, whatever is done with the bytes. Cleaning up reads no files.
public enum StopRequest {
  /// How often the request was made; a signal handler increments it.
  public static let count = Atomic<Int>(0)

  /// True once the request was made.
  public static var isMade: Bool { count.load(ordering: .relaxed) > 0 }

  /// Throws once the request was made.
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
