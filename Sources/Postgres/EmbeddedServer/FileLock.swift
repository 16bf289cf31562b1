internal import Files
import Glibc

/// A lock file that one process at a time may hold; the system releases the lock when its holder
/// ends.
struct FileLock {
  let path: String
  /// The account that gets the lock file, so that it can take the lock later; nil to change no
  /// owner.
  let owner: ServerAccount?

  /// The proof that the lock is held, to be passed to a child that must not outlive the lock.
  struct Holder {
    fileprivate(set) var file: Int32
  }

  /// Waits for the lock up to `seconds`, and holds it while `body` runs.
  func hold<Result>(
    seconds: Int, _ body: (Holder) throws(EmbeddedServerError) -> Result
  ) throws(EmbeddedServerError) -> Result {
    let file: FileDescriptor
    do {
      file = try FileDescriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW)
    } catch {
      throw .system(operation: "open the lock", path: path, code: error.code)
    }
    return try file.withNumber { number throws(EmbeddedServerError) in
      if let owner { fchown(number, owner.user, owner.group) }
      guard Polling.wait(seconds: seconds, for: { flock(number, LOCK_EX | LOCK_NB) == 0 }) else {
        throw .busy(lock: path, seconds: seconds)
      }
      return try body(Holder(file: number))
    }
  }
}
