public import Synchronization

/// The operator's wish to stop, as every loop over files heeds it: one for the process.
///
/// It is looked at wherever bytes are read, and so within a fraction of a second whatever is done
/// with them. Nothing that tidies up reads files.
public enum StopRequest {
  /// How often it was made; a signal handler adds to it.
  public static let count = Atomic<Int>(0)

  /// True once it was made.
  public static var isMade: Bool { count.load(ordering: .relaxed) > 0 }

  /// Throws once it was made.
  public static func check() throws(StoreError) {
    if isMade { throw .interrupted }
  }
}

extension StoreError {
  /// What ends a reading when the operator wants to stop.
  public static var interrupted: StoreError {
    StoreError(.interrupted, file: "", problem: "interrupted", remedy: "")
  }
}
