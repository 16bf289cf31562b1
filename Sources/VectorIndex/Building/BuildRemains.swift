internal import Postgres
internal import Schema

/// What a build or a rebuild that broke has left INVALID.
struct BuildRemains {
  let connection: Connection
  /// The table as `regclass` reads it.
  let table: String
  let observe: (IndexEvent) -> Void

  /// How long others are waited for.
  private static let patience: SQL = "SET lock_timeout = '2s'"

  /// Drops what is meant, although the operator may have asked to stop, and tells what has to stay:
  /// whoever kept the build waiting can keep the drop waiting, too, and for as long.
  func clear(
    named name: String? = nil, where isMeant: (InvalidIndexes.Index) -> Bool = { _ in true }
  ) {
    let invalid = InvalidIndexes(of: table, on: connection)
    // A server that is gone is the error's to tell.
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
        observe(.notice("what has become of the index is not known: vector-ferry index status"))
      }
    }
  }

  private func drop(_ name: String) throws(PostgresError) {
    let before: String? = try connection.scalar("SHOW lock_timeout")
    try connection.execute(script: Self.patience)
    defer { _ = try? connection.execute(script: "SET lock_timeout = \(Literal(before ?? "0"))") }
    try connection.execute(alone: SQL(script: "DROP INDEX CONCURRENTLY IF EXISTS \(name)"))
  }
}
