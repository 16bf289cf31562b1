import Foundation
import Synchronization

/// How many faults the tests of one run have brought about, for the page of faults.
///
/// The long form writes a line for each count to `.vector-ferry/faults.jsonl`, from which
/// `Scripts/faults-page.py` makes docs/FAULTS.md.
public enum FaultLog {
  // The file has no owner in this program: lines are written one at a time.
  private static let lock = Mutex(())
  private static let path = "\(Oracle.repository)/.vector-ferry/faults.jsonl"

  /// So many faults of a row were brought about, and what must hold held for all of them.
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
