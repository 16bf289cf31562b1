internal import Postgres
internal import Layouts
internal import OwnSchema

/// The lock that lets only one process at a time work on the vector indexes of a table; no process
/// waits for this lock.
struct IndexLock {
  let connection: Connection
  let table: VectorTable

  /// Runs `body` with the lock; throws where another session has the lock, and names its server
  /// process.
  func with<Result>(_ body: () throws -> Result) throws -> Result {
    let key = AdvisoryLock.indexes(of: table.name)
    let isTaken: Bool? = try connection.scalar("SELECT pg_try_advisory_lock(\(key))")
    guard isTaken == true else { throw IndexLockTaken(table: table.name, process: try holder(key)) }
    defer {
      connection.uninterruptibly {
        _ = try? connection.query("SELECT pg_advisory_unlock(\(key))")
      }
    }
    return try body()
  }

  private func holder(_ key: Int) throws(PostgresError) -> Int? {
    try connection.scalar(
      BuildingQueries.lockHolder(upperHalf: key >> 32, lowerHalf: key & 0xFFFF_FFFF))
  }
}

/// The error where another process works on the table's indexes.
package struct IndexLockTaken: Error, Sendable, CustomStringConvertible {
  let table: QualifiedName
  /// The server process of the session that has the lock; nil where that session has just ended.
  package let process: Int?

  /// The error in words.
  package var description: String {
    "another session\(process.map { " (server process \($0))" } ?? "") works on the indexes of "
      + "\(table)"
  }
}
