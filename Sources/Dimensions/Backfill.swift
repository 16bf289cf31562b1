internal import Postgres

/// Fills in the new vectors of rows that need them, from a session that the trigger recognises.
///
/// A step takes only rows that no other session holds and never waits while it holds some itself,
/// so that no transaction of the application gets into a deadlock.
protocol Backfill {
  var connection: Connection { get }
  var column: VectorColumn { get }
  /// The column that is filled.
  var target: Identifier { get }
  /// How many rows may be left to `fillRest`.
  var lastBatchLimit: Int { get }

  /// Creates the session's temporary tables.
  func prepare() throws

  /// Fills some rows in its own transaction.
  mutating func fillSome(beforeCommit: () -> Void) throws -> BackfillStep

  /// Fills the remaining rows within the transaction of the swap, before its strongest lock.
  ///
  /// These rows stay filled where the swap has to wait.
  mutating func fillRest() throws -> BackfillRest
}

/// The result of one step.
struct BackfillStep {
  /// How many rows were filled.
  var filled = 0
  /// True where all waiting rows have been read.
  var isLast: Bool
}

/// The state of the last rows while the application cannot write.
enum BackfillRest {
  /// No row waits.
  case none
  /// Too many rows wait, or other sessions hold them.
  case some
  /// No row waits, but there were always readers, so that the swap got no lock.
  case inUse
  /// The embeddings of the last rows were not ready in time, and writers should not wait longer.
  case late
}

extension Backfill {
  /// The SQL condition for rows that wait to be filled; the change's partial index makes it fast.
  var waiting: SQL {
    "t.\(target) IS NULL AND t.\(column.name) IS NOT NULL"
  }

  /// Counts the rows that wait.
  func waitingCount() throws(PostgresError) -> Int {
    try connection.scalar("SELECT count(*) FROM \(column.sql) t WHERE \(waiting)") ?? 0
  }
}
