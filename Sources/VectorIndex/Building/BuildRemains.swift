internal import Postgres
internal import Schema

/// The INVALID indexes that an interrupted build or rebuild has left behind.
struct BuildRemains {
  let connection: Connection
  /// The full name of the table, quoted as in SQL.
  let table: String
  let observe: (IndexEvent) -> Void

  /// The time that dropping an index waits for other sessions.
  private static let lockTimeout: SQL = "SET lock_timeout = '2s'"

  /// Drops the chosen indexes, even where the operator has asked the program to stop, and reports
  /// those that could not be dropped.
  ///
  /// Dropping an index may have to wait for the same session as the build. Therefore it waits for
  /// two seconds only.
  func clear(
    named name: String? = nil, where isMeant: (InvalidIndexes.Index) -> Bool = { _ in true }
  ) {
    let invalid = InvalidIndexes(of: table, on: connection)
    // Where the server is gone, the original error reports it.
    guard connection.isUsable else { return }
    connection.uninterruptibly {
      do {
        for index in try invalid.found(named: name) where isMeant(index) {
          observe(.dropping(index.name))
          try? drop(index.name)
        }
        for index in try invalid.found(named: name) where isMeant(index) {
          observe(.leftInvalid(index.name, remedy: "vector-ferry index repair"))
        }
      } catch {
        observe(
          .notice("the state of the index is not known; look at it with: vector-ferry index status")
        )
      }
    }
  }

  private func drop(_ name: String) throws(PostgresError) {
    let before: String? = try connection.scalar("SHOW lock_timeout")
    try connection.execute(script: Self.lockTimeout)
    defer { _ = try? connection.execute(script: "SET lock_timeout = \(Literal(before ?? "0"))") }
    try connection.execute(alone: SQL(script: "DROP INDEX CONCURRENTLY IF EXISTS \(name)"))
  }
}
