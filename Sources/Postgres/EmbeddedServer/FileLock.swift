import Glibc

/// A file that one process at a time may hold; the system lets go of it when its holder ends.
struct FileLock {
  let path: String
  /// Who has to be able to take it later where root made it.
  let owner: ServerAccount?

  /// Proof that the lock is held, to be handed to a child that must not outlive it.
  struct Holder {
    fileprivate(set) var file: Int32
  }

  /// Waits for the lock up to `seconds` and holds it during `body`.
  func hold<Result>(
    seconds: Int, _ body: (Holder) throws(EmbeddedServerError) -> Result
  ) throws(EmbeddedServerError) -> Result {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw .system(operation: "open the lock", path: path, code: errno) }
    defer { close(file) }
    if let owner { fchown(file, owner.user, owner.group) }
    guard Polling.wait(seconds: seconds, for: { flock(file, LOCK_EX | LOCK_NB) == 0 }) else {
      throw .busy(lock: path, seconds: seconds)
    }
    return try body(Holder(file: file))
  }
}
