import Foundation
import Synchronization

/// Records the number of faults that the tests of a run have caused, for the page of faults.
///
/// The long form writes a line for each count to `.vector-ferry/faults.jsonl`, from which
/// `Scripts/faults-page.py` makes docs/FAULTS.md.
public enum FaultLog {
  // No object owns the file, so this lock lets only one thread write at a time.
  private static let lock = Mutex(())
  private static let path = "\(Oracle.repository)/.vector-ferry/faults.jsonl"

  /// Records that a number of faults of a row were caused, and that the expected behaviour was
  /// found for all of them.
  public static func note(_ row: String, _ count: Int, _ what: String) {
    guard Oracle.isFullRun,
      let line = try? JSONSerialization.data(
        withJSONObject: ["row": row, "count": count, "what": what], options: [.sortedKeys])
    else { return }
    lock.withLock { _ in
      if !FileManager.default.fileExists(atPath: path) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
      }
      guard let file = FileHandle(forWritingAtPath: path) else { return }
      file.seekToEndOfFile()
      file.write(line + Data("\n".utf8))
      file.closeFile()
    }
  }
}
