import CSQLite
import Glibc

extension Database {
  /// Turns on write-ahead logging, and a sync at every commit.
  ///
  /// Where the file system cannot share memory, SQLite keeps its rollback journal, and no error is
  /// thrown. The rollback journal is as safe, but makes readers wait.
  public func useWriteAheadLog(busyTimeout: Int32 = 8_000) throws(DatabaseError) {
    try execute("PRAGMA synchronous = FULL")
    guard try value("PRAGMA journal_mode") != .text("wal") else { return }
    var waited: Int32 = 0
    while true {
      do {
        return try execute("PRAGMA journal_mode = WAL")
      } catch {
        // SQLite's own busy handler does not wait for this lock.
        guard error.isBusy, waited < busyTimeout else { throw error }
        usleep(20_000)
        waited += 20
      }
    }
  }

  /// Runs `body` without syncs at its commits where the log is written ahead.
  ///
  /// A power failure may lose these commits, but no earlier one; the next synced commit makes them
  /// permanent. A killed process loses none of them.
  public func withoutSyncs<Result>(_ body: () throws -> Result) throws -> Result {
    guard try value("PRAGMA journal_mode") == .text("wal") else { return try body() }
    try execute("PRAGMA synchronous = NORMAL")
    do {
      let result = try body()
      try execute("PRAGMA synchronous = FULL")
      return result
    } catch {
      // The first error says what happened.
      try? execute("PRAGMA synchronous = FULL")
      throw error
    }
  }

  /// Reads the application's own version number in the file's header.
  public func userVersion() throws(DatabaseError) -> Int {
    try headerNumber("user_version")
  }

  /// Sets the application's own version number in the file's header.
  public func setUserVersion(_ version: Int32) throws(DatabaseError) {
    try execute("PRAGMA user_version = \(version)")
  }

  /// Reads the number of the application that the file belongs to; 0 where no number has been set.
  public func applicationID() throws(DatabaseError) -> Int {
    try headerNumber("application_id")
  }

  /// Sets the number of the application that the file belongs to.
  public func setApplicationID(_ number: Int32) throws(DatabaseError) {
    try execute("PRAGMA application_id = \(number)")
  }

  private func headerNumber(_ name: String) throws(DatabaseError) -> Int {
    guard case .integer(let number) = try value("PRAGMA \(name)") else { return 0 }
    return Int(number)
  }
}
