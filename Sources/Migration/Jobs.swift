internal import Glibc

/// How many stores a run migrates at the same time, each on its own connection.
package enum Jobs: Sendable, Equatable {
  /// As many as the number of stores, the processors and the server's free connections allow.
  case automatic
  /// As many as the operator says.
  case number(Int)

  /// How many jobs there are at most where the operator names no number.
  private static let most = 8
  /// How many stores there are for each job where the operator names no number: a run of a few
  /// stores migrates them one after the other, in order and with their progress.
  private static let storesEach = 16

  /// Returns how many stores are migrated at the same time.
  ///
  /// - Parameters:
  ///   - stores: how many stores are migrated.
  ///   - freeConnections: how many more sessions the server accepts beside that of the run, half of
  ///     which are left to others; nil where there is no limit.
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
