package import Stores

/// The state of a store in one table: the last work that was done on the store, and whether the
/// database still shows the result of this work.
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

    /// True where a run is working on the store, or will work on it.
    var isAtWork: Bool { self == .pending || self == .running }
  }

  /// The store's name: the user and the collection.
  package let name: StoreName
  /// The outcome of the last work on the store.
  package internal(set) var outcome: Outcome
  /// The reason for the outcome; nil where there is none to report.
  package internal(set) var reason: String?
  /// The differences between the database and the recorded state.
  package internal(set) var differences: [String] = []
  /// The facts that the operator should know, but that are no differences.
  package internal(set) var notes: [String] = []
  /// The measured recall of reduced vectors alone; nil where no recall was measured, or where the
  /// ledger does not list the store.
  package internal(set) var recall: Double?
  /// The measured recall of searches that rank by kept originals; nil where no such recall was
  /// measured, or where the ledger does not list the store.
  package internal(set) var rerankedRecall: Double?
  /// The run that had this outcome; nil where none is known.
  package internal(set) var run: String?
  /// The run that was rolled back; nil where the latest record of the store is not the record of a
  /// rollback.
  package internal(set) var undoneRun: String?
  /// The journal's facts about the store; where only the ledger lists the store, only the number of
  /// documents is known.
  package internal(set) var facts = Facts()
  /// The time when the work on the store began, in UTC; nil where it is not known.
  package internal(set) var startedAt: String?
  /// The time when the work on the store began, in milliseconds since 1970; where this is not
  /// known, the time when the work ended.
  var beganMilliseconds: Int?
  /// The time when the work on the store ended, in UTC; nil where it is not known.
  package internal(set) var finishedAt: String?

  /// The journal's facts about a store; a fact that the journal does not have is nil.
  package struct Facts: Sendable, Equatable {
    /// The store's directory.
    package internal(set) var path: String?
    /// The last stage that was reached.
    package internal(set) var stage: String?
    /// The number of documents that were written or, by a rollback, of rows that were deleted.
    package internal(set) var documents: Int?
    /// The number of vectors that the store has.
    package internal(set) var vectors: Int?
    /// The dimension of the vectors in the files.
    package internal(set) var dimensions: Int?
    /// The digest of the store's files.
    package internal(set) var sourceDigest: String?
    /// The path of the store's backup.
    package internal(set) var backup: String?
  }

  init(_ name: StoreName, _ outcome: Outcome) {
    self.name = name
    self.outcome = outcome
  }

  /// True where no difference is known and the store should be in the database, a run is working on
  /// the store or will do so, or the store was empty.
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

/// The state of all stores according to the journal and, where the database can be reached, to the
/// ledger.
package struct StatusReport: Sendable, Equatable {
  /// The sources of the report.
  package enum Source: Sendable, Equatable {
    /// The ledger was read, and compared with the journal.
    case ledger
    /// Only the journal was read, because the database could not be reached for this reason; the
    /// present state of the database is not known.
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

  /// Returns the report with only those stores that fulfil a condition, and without tables that have
  /// no such store.
  package func filtered(_ isIncluded: (StoreStatus) -> Bool) -> StatusReport {
    func filtered(_ tables: [TableStatus]) -> [TableStatus] {
      tables.compactMap { table in
        var table = table
        table.stores = table.stores.filter(isIncluded)
        return table.stores.isEmpty ? nil : table
      }
    }
    var report = self
    report.tables = filtered(tables)
    report.others = filtered(others)
    return report
  }
}
