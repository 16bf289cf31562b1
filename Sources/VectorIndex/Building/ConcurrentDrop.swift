internal import Postgres
internal import Schema

/// Drops an index while other sessions read and write the table; waits for the sessions that still
/// use the index, and reports them.
struct ConcurrentDrop {
  let connection: Connection
  let watcher: Connection?
  /// The table as `regclass` reads it.
  let table: String
  let observe: (IndexEvent) -> Void

  /// Drops the index with this quoted name.
  ///
  /// - Parameter remedy: the advice where the drop fails and leaves the index INVALID.
  func run(_ name: String, remedy: String) throws {
    observe(.dropping(name))
    let watch = BuildWatch(
      connection.backendPID, rows: 1, isConcurrent: true, from: watcher,
      observe: { if case .waiting = $0 { observe($0) } })
    do {
      try connection.execute(
        alone: SQL(script: "DROP INDEX CONCURRENTLY IF EXISTS \(name)")
      ) { watch.look() }
    } catch {
      connection.uninterruptibly {
        let left = try? InvalidIndexes(of: table, on: connection).found(named: name)
        if left?.isEmpty == false { observe(.leftInvalid(name, remedy: remedy)) }
      }
      throw error
    }
  }
}
