internal import Postgres

/// Gives rows that wait their new vectors, from a session that the trigger knows.
///
/// A step takes only rows that nobody holds and never waits while it holds some, so that no
/// transaction of the application is drawn into a deadlock.
protocol Backfill {
  var connection: Connection { get }
  var column: VectorColumn { get }
  /// The column that is filled.
  var target: Identifier { get }
  /// So many rows may be left to `fillRest`.
  var handful: Int { get }

  /// Makes the session's own tables.
  func prepare() throws

  /// Fills some rows in a transaction of its own.
  mutating func fillSome(beforeCommit: () -> Void) throws -> BackfillStep

  /// Within the transaction that is to swap, before its strongest lock: fills what is left.
  ///
  /// What it has filled stays where the swap has to wait.
  mutating func fillRest() throws -> BackfillRest
}

/// What one step has done.
struct BackfillStep {
  /// Rows that are filled.
  var filled = 0
  /// All that waited has been looked at.
  var isLast: Bool
}

/// How the last rows stand, while the application cannot write.
enum BackfillRest {
  /// None waits.
  case none
  /// Too many wait, or others hold them.
  case some
  /// None waits, but readers have left no moment for the swap.
  case crowded
  /// They were not ready in time, and nobody is to wait for them longer.
  case late
}

extension Backfill {
  /// Rows that wait to be filled; the partial index of the change answers at once.
  var waiting: SQL {
    "t.\(target) IS NULL AND t.\(column.name) IS NOT NULL"
  }

  /// How many rows wait.
  func waitingCount() throws(PostgresError) -> Int {
    try connection.scalar("SELECT count(*) FROM \(column.sql) t WHERE \(waiting)") ?? 0
  }
}
