internal import Digests
internal import Ledger
internal import Machine
internal import Migration
internal import Stores

/// The questions of a rollback's planner to the database.
///
/// A run reads the answers through its session (`init(_:on:)`). The default answers are those of a
/// ledger without runs.
struct RollbackAnswers {
  /// The rows of a store's collection that are in the table before a rollback.
  struct Standing {
    /// The name of the table.
    var table: String
    /// The rows that the ledger lists.
    var listed: RolledBackStore.ListedRows
    /// The number of rows that the collection has.
    var rows: Int
    /// The number of rows of the collection that stay there without being listed in the ledger.
    var alongside = 0
    /// True where the vectors were reduced.
    var hasProjection = false
    /// The tables that have foreign keys by which rows of these tables are deleted or changed
    /// together with documents.
    var referring: [ReferringTable] = []
  }

  /// Finds the run by its id or the beginning of its id.
  var named: (String) throws -> RollbackTarget
  /// Finds the table whose latest migration is rolled back where no run is named; returns the
  /// table's name and its name in the ledger.
  var table: () throws -> (name: String, catalogueName: String)
  /// Finds the migration that last wrote to the table of documents; nil where there is none.
  var latest: () throws -> RollbackTarget? = { nil }
  /// Finds the migration that was last rolled back in the table of documents; nil where there is
  /// none, or where `isUnfinished` is true and the end of the rollback is recorded.
  var lastRolledBack: (_ isUnfinished: Bool) throws -> RollbackTarget? = { _ in nil }
  /// Lists the stores that a run has written or refitted, but whose present documents another run
  /// has written.
  var leftOut: (RunID) throws -> [RollbackPlan.LeftOut] = { _ in [] }
  /// Reads the stores that the ledger lists for a table; reads those of all tables where the name
  /// is nil.
  var stores: (_ catalogueName: String?) throws -> [RecordedStore] = { _ in [] }
  /// Compares a store's rows with the rows that a run has written.
  var standing: (RecordedStore) throws -> Standing
  /// Counts the rows of other tables that are deleted or changed if all rows of a store are
  /// deleted, except the edited ones.
  var losses: (_ store: RecordedStore, _ edited: [UUIDValue]) throws -> [ReferringRows] = {
    _, _ in []
  }
  /// Finds the reason why rows of other tables may not be deleted or changed; nil where this is
  /// allowed.
  var refusalOfLosses: (RecordedStore, DatabaseAnswers.Removals) throws -> Failure? = {
    _, _ in nil
  }
  /// Finds the earlier state that a run has replaced, by the store's id in the ledger; nil where
  /// there was none.
  var replacement: (Int) throws -> Replacement? = { _ in nil }
  /// Finds the digest of the files that a run migrated, where a later run has replaced that run's
  /// state of the store; otherwise nil.
  var digestOfReplaced: (StoreName, RunID) throws -> [UInt8]? = { _, _ in nil }
}
