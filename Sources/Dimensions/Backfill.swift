internal import Postgres

/// Fills the new column of a dimension change: makes the new vectors of the rows that have none
/// yet.
///
/// Each step locks only rows that no other session has locked, and never waits while it holds row
/// locks, so that no transaction of the application gets into a deadlock. The change's trigger
/// recognises the session that fills.
protocol Backfill {
  var connection: Connection { get }
  var column: VectorColumn { get }
  /// The new column, which is filled.
  var target: Identifier { get }
  /// The greatest number of rows that may be left to `fillRest`.
  var lastBatchLimit: Int { get }

  /// Creates the temporary tables that filling needs in this session.
  func prepare() throws

  /// Fills some rows, in a transaction of its own.
  mutating func fillSome(beforeCommit: () -> Void) throws -> BackfillStep

  /// Fills the last rows, in the transaction that swaps the columns; other sessions can still read
  /// then.
  ///
  /// These rows stay filled even if the transaction then does not get its strongest lock.
  mutating func fillRest() throws -> BackfillRest
}

/// The result of one call of `fillSome`.
struct BackfillStep {
  /// The number of rows that were filled.
  var filled = 0
  /// True where the step has reached the last row without a new vector.
  var isLast: Bool
}

/// The result of `Backfill.fillRest`: all rows are filled, or the reason why not.
enum BackfillRest {
  /// All rows have their new vector.
  case none
  /// Some rows have no new vector yet: there were too many for the swap, or other sessions hold
  /// them.
  case some
  /// All rows have their new vector, but other sessions used the table all the time, so that the
  /// swap got no lock.
  case inUse
  /// The embeddings of the last rows were not ready in time, and other sessions should not wait
  /// longer to write.
  case late
}

extension Backfill {
  /// The SQL condition for rows without a new vector; an index that the change has built makes it
  /// fast.
  var waiting: SQL {
    "t.\(target) IS NULL AND t.\(column.name) IS NOT NULL"
  }

  /// Counts the rows that have no new vector yet.
  func waitingCount() throws(PostgresError) -> Int {
    try connection.scalar("SELECT count(*) FROM \(column.sql) t WHERE \(waiting)") ?? 0
  }
}
