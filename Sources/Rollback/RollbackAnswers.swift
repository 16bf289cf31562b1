internal import Digests
internal import Ledger
internal import Machine
internal import Migration
internal import Stores

/// What the planner of a rollback asks the database.
///
/// A run gives the answers from its session (`init(table:on:allowing:)`); as they stand here, they are
/// those of a ledger without runs.
struct RollbackAnswers {
  /// What stands in the table of a store's collection.
  struct Standing {
    /// The table's name.
    var table: String
    /// The rows that the ledger lists.
    var listed: RolledBackStore.ListedRows
    /// How many rows the collection has.
    var rows: Int
    /// How many of them are alongside the store, not listed in the ledger.
    var alongside = 0
    /// True where the vectors were reduced.
    var hasProjection = false
    /// The tables with foreign keys to the documents that delete or change rows of their own.
    var referring: [ReferringTable] = []
  }

  /// Finds the run with this id or beginning of an id.
  var named: (String) throws -> RollbackTarget
  /// The table whose latest migration is meant where no run is named, and its name in the ledger.
  var table: () throws -> (name: String, catalogueName: String)
  /// Finds the migration that last wrote to that table.
  var latest: () throws -> RollbackTarget? = { nil }
  /// Finds the migration that was last taken back in that table; where it is asked for, only where
  /// that rollback did not record its end.
  var lastRolledBack: (_ isUnfinished: Bool) throws -> RollbackTarget? = { _ in nil }
  /// Reads the stores of the ledger: all of them, or those of a table.
  var stores: (_ catalogueName: String?) throws -> [RecordedStore] = { _ in [] }
  /// Compares a store's rows with what a run has written.
  var standing: (RecordedStore) throws -> Standing
  /// Counts the rows of other tables that go or change with all rows of a store but those that were
  /// edited.
  var losses: (_ store: RecordedStore, _ edited: [UUIDValue]) throws -> [ReferringRows] = {
    _, _ in []
  }
  /// Finds why rows of other tables may not go or change; nil where they may.
  var refusalOfLosses: (RecordedStore, DatabaseAnswers.Removals) throws -> Failure? = {
    _, _ in nil
  }
  /// Finds the state that a store of the ledger has replaced, by the store's id there.
  var replacement: (Int) throws -> Replacement? = { _ in nil }
  /// Finds the digest of the files that a run migrated, where a later run has replaced its state.
  var digestOfReplaced: (StoreName, RunID) throws -> [UInt8]? = { _, _ in nil }
}
