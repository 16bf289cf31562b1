package import Stores

/// The state of a store in one table: the last work that was done on the store, and whether the
/// database still shows its result.
package struct StoreStatus: Sendable, Equatable {
  /// The outcome of the last work on a store.
  package enum Outcome: String, Sendable {
    /// A running run plans to migrate the store.
    case pending
    /// A run is working on the store.
    case running
    /// The store was migrated.
    case succeeded
    /// The database already had the store.
    case unchanged
    /// The store had no documents, and there was no table yet.
    case empty
    /// The store was refused, or its migration failed.
    case failed
    /// Another run was working on the store until this run ended.
    case taken
    /// A run ended or died before it had finished with the store.
    case notFinished = "not_finished"
    /// The only run that lists the store has left the store out.
    case skipped
    /// A rollback has deleted every row of the store.
    case rolledBack = "rolled_back"
    /// A rollback has deleted the store's rows except those that were changed.
    case partlyRolledBack = "partly_rolled_back"
    /// A rollback has restored the store's earlier state.
    case restored
    /// The ledger lists the store, but the journal does not know it.
    case listed

    /// True where the database should have the store.
    var isInDatabase: Bool {
      switch self {
      case .succeeded, .unchanged, .restored, .listed: true
      default: false
      }
    }

    /// True where a run is working on the store or will do so.
    var isAtWork: Bool { self == .pending || self == .running }
  }

  /// The user and the collection.
  package let name: StoreName
  /// The outcome of the last work on the store.
  package internal(set) var outcome: Outcome
  /// The reason for the outcome; nil where there is none to report.
  package internal(set) var reason: String?
  /// The differences between the database and the record.
  package internal(set) var differences: [String] = []
  /// Facts that the operator should know and that are no differences.
  package internal(set) var notes: [String] = []
  /// The recall of reduced vectors alone, as it was measured; nil where none was measured, or where
  /// the ledger does not list the store.
  package internal(set) var recall: Double?
  /// The recall of searches that kept originals rank; nil likewise.
  package internal(set) var rerankedRecall: Double?
  /// The run with this outcome; nil where none is known.
  package internal(set) var run: String?
  /// The run that was rolled back; nil where the latest record of the store is not a rollback's.
  package internal(set) var undoneRun: String?
  /// The journal's facts about the store; where only the ledger lists the store, its number of
  /// documents alone.
  package internal(set) var facts = Facts()
  /// When the work on the store began, in UTC; nil where that is not known.
  package internal(set) var startedAt: String?
  /// When the work on the store began, or else ended, in milliseconds since 1970.
  var beganMilliseconds: Int?
  /// When the work on the store ended, in UTC; nil where that is not known.
  package internal(set) var finishedAt: String?

  /// The journal's facts about a store; nil where the journal does not have a fact.
  package struct Facts: Sendable, Equatable {
    /// The store's directory.
    package internal(set) var path: String?
    /// The last stage that was reached.
    package internal(set) var stage: String?
    /// How many documents were written; for a rollback: how many rows were deleted.
    package internal(set) var documents: Int?
    /// How many vectors the store has.
    package internal(set) var vectors: Int?
    /// The dimension of the vectors in the files.
    package internal(set) var dimensions: Int?
    /// The digest of the source files.
    package internal(set) var sourceDigest: String?
    /// The path of the store's backup.
    package internal(set) var backup: String?
  }

  init(_ name: StoreName, _ outcome: Outcome) {
    self.name = name
    self.outcome = outcome
  }

  /// True where no difference is known and the store is in the database as far as is known, a run
  /// is working on the store or will do so, or the store was empty.
  package var isInOrder: Bool {
    (outcome.isInDatabase || outcome.isAtWork || outcome == .empty) && differences.isEmpty
  }

  /// True where `migrate --failed` would try the store again.
  package var isFailed: Bool {
    outcome == .failed || outcome == .taken || outcome == .notFinished
  }
}

/// The state of the stores of one table in one database.
package struct TableStatus: Sendable, Equatable {
  /// The database in words.
  package let database: String
  /// The identity of the database; nil where it is not known.
  package let identity: String?
  /// The table with its schema.
  package let table: String
  /// The table's stores, ordered by name.
  package internal(set) var stores: [StoreStatus]
}

/// The state of all stores according to the journal and, where it can be reached, the database's
/// ledger.
package struct StatusReport: Sendable, Equatable {
  /// The sources of the report.
  package enum Source: Sendable, Equatable {
    /// The ledger was read, and the journal compared with it.
    case ledger
    /// The database could not be reached, for this reason: its present state is not known.
    case journalAlone(String)
  }

  /// The sources of the report.
  package internal(set) var source: Source
  /// A table of documents that has rows although the database has no ledger; nil where there is
  /// none.
  package internal(set) var unlistedTable: String?
  /// The tables of the chosen database, ordered by name.
  package internal(set) var tables: [TableStatus] = []
  /// The journal's facts about other databases and tables.
  package internal(set) var others: [TableStatus] = []
}
