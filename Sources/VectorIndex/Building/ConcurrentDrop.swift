internal import Postgres
internal import Schema

/// Drops an index while others read and write: waits for whoever still uses it, names them, and
/// keeps nobody from the table.
struct ConcurrentDrop {
  let connection: Connection
  let watcher: Connection?
  /// The table as `regclass` reads it.
  let table: String
  let observe: (IndexEvent) -> Void

  /// Drops the index of that quoted name.
  ///
  /// - Parameter remedy: what helps where the drop breaks and leaves the index INVALID.
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
