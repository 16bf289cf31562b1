internal import Glibc

/// The number of stores that a run migrates at the same time, each on its own connection.
package enum Jobs: Sendable, Equatable {
  /// The program chooses the number by the stores, the processors and the server's free
  /// connections.
  case automatic
  /// The operator names the number.
  case number(Int)

  /// The largest number of stores that are migrated at the same time where the operator names none.
  private static let most = 8
  /// The number of stores for each connection where the operator names no number of connections.
  ///
  /// A run of few stores therefore migrates them one after the other, in order, and shows the
  /// progress of each.
  private static let storesEach = 16

  /// Returns the number of stores to migrate at the same time.
  ///
  /// - Parameters:
  ///   - stores: the number of stores to migrate.
  ///   - freeConnections: the number of sessions that the server accepts in addition to the run's
  ///     first one; half of them are left to other programs. Nil where this number is not known.
  package func resolved(
    stores: Int, processors: Int = Jobs.processors, freeConnections: Int?
  ) -> Int {
    switch self {
    case .number(let count): return max(1, min(count, stores))
    case .automatic:
      let connections = freeConnections.map { 1 + max(0, $0) / 2 } ?? Self.most
      return max(1, min(stores / Self.storesEach, processors, connections, Self.most))
    }
  }

  /// The number of processors of this machine.
  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
