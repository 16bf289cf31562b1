internal import Postgres
internal import Schema

/// Drops an index while other sessions read and write the table; waits for sessions that still use
/// the index, and reports them.
struct ConcurrentDrop {
  let connection: Connection
  let watcher: Connection?
  /// The full name of the table, quoted as in SQL.
  let table: String
  let observe: (IndexEvent) -> Void

  /// Drops an index.
  ///
  /// - Parameters:
  /// - name: the full name of the index, quoted as in SQL.
  /// - remedy: the advice where dropping fails and leaves the index INVALID.
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
