internal import Postgres

/// Fills in the new vectors of rows that lack them, from a session that the change's trigger
/// recognises.
///
/// A step locks only rows that no other session has locked, and never waits while it holds row
/// locks, so that no transaction of the application gets into a deadlock.
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

  /// Fills the remaining rows within the transaction of the swap, before readers are locked out.
  ///
  /// These rows stay filled even where the swap then does not get its strongest lock.
  mutating func fillRest() throws -> BackfillRest
}

/// The result of one step.
struct BackfillStep {
  /// How many rows were filled.
  var filled = 0
  /// True where the step has reached the end of the rows that lack their new vector.
  var isLast: Bool
}

/// Whether `Backfill.fillRest` has filled all rows, and otherwise why not.
enum BackfillRest {
  /// No row lacks its new vector.
  case none
  /// Rows still lack their new vector: too many for the swap, or held by other sessions.
  case some
  /// No row lacks its new vector, but other sessions always used the table, so that the swap got
  /// no lock.
  case inUse
  /// The embeddings of the last rows were not ready in time, and writers should not wait longer.
  case late
}

extension Backfill {
  /// The SQL condition for rows that lack their new vector; the change's partial index makes the
  /// condition fast.
  var waiting: SQL {
    "t.\(target) IS NULL AND t.\(column.name) IS NOT NULL"
  }

  /// Counts the rows that lack their new vector.
  func waitingCount() throws(PostgresError) -> Int {
    try connection.scalar("SELECT count(*) FROM \(column.sql) t WHERE \(waiting)") ?? 0
  }
}
