package import Stores

/// One store of one table: what became of it last, and whether the database still has it so.
package struct StoreStanding: Sendable, Equatable {
  /// What became of it.
  package enum Outcome: String, Sendable {
    /// Planned by a run that is at work.
    case pending
    /// A run is at it.
    case running
    /// Carried over.
    case succeeded
    /// The database had it already.
    case unchanged
    /// It held no documents, and there was no table yet.
    case empty
    /// Refused or broken off.
    case failed
    /// Another run had it until the end.
    case taken
    /// A run ended or died before it was done with it.
    case notFinished = "not_finished"
    /// Left out by the only run that knows it.
    case skipped
    /// A rollback has removed every row of it.
    case rolledBack = "rolled_back"
    /// A rollback has removed it but for rows that somebody had changed.
    case partlyRolledBack = "partly_rolled_back"
    /// A rollback has brought its earlier state back.
    case restored
    /// The ledger lists it; the journal does not know it.
    case listed

    /// The database is said to have the store.
    var isInDatabase: Bool {
      switch self {
      case .succeeded, .unchanged, .restored, .listed: true
      default: false
      }
    }

    /// A run is at work on it.
    var isAtWork: Bool { self == .pending || self == .running }
  }

  /// The user and the collection.
  package let name: StoreName
  /// What became of it.
  package internal(set) var outcome: Outcome
  /// Why, where there is something to say.
  package internal(set) var reason: String?
  /// What the database has otherwise than the record says.
  package internal(set) var differences: [String] = []
  /// What should be known and is no difference.
  package internal(set) var notes: [String] = []
  /// The run that did it; nil where none is known.
  package internal(set) var run: String?
  /// The run that a rollback took back.
  package internal(set) var takesBack: String?
  /// What the journal learnt of it; empty where only the ledger knows it.
  package internal(set) var facts = Facts()
  /// When it began, in UTC.
  package internal(set) var startedAt: String?
  /// When the journal first heard of it in its run, since 1970.
  var beganMilliseconds: Int?
  /// When it ended, in UTC.
  package internal(set) var finishedAt: String?

  /// The journal's facts of a store.
  package struct Facts: Sendable, Equatable {
    /// Its directory.
    package internal(set) var path: String?
    /// The stage that was reached.
    package internal(set) var stage: String?
    /// Documents that were written; of a rollback: rows that it removed.
    package internal(set) var documents: Int?
    /// Rows of its vectors.
    package internal(set) var vectors: Int?
    /// Numbers a row has at the source.
    package internal(set) var dimensions: Int?
    /// The digest of the source files.
    package internal(set) var sourceDigest: String?
    /// Where its backup lies.
    package internal(set) var backup: String?
  }

  init(_ name: StoreName, _ outcome: Outcome) {
    self.name = name
    self.outcome = outcome
  }

  /// True where the store is in the database, as far as is known, or a run is carrying it over, or
  /// it held nothing that could be.
  package var isWell: Bool {
    (outcome.isInDatabase || outcome.isAtWork || outcome == .empty) && differences.isEmpty
  }

  /// True where `migrate --failed` takes it up.
  package var isFailed: Bool {
    outcome == .failed || outcome == .taken || outcome == .notFinished
  }
}

/// The stores of one table of one database.
package struct TableStanding: Sendable, Equatable {
  /// The database in words.
  package let database: String
  /// Which database it is, where that is known.
  package let identity: String?
  /// The table with its schema.
  package let table: String
  /// Its stores, by name.
  package internal(set) var stores: [StoreStanding]
}

/// What stands where, as the journal tells and, where it can be asked, the database's ledger.
package struct Standing: Sendable, Equatable {
  /// What it is known from.
  package enum Source: Sendable, Equatable {
    /// The ledger was read, and the journal compared with it.
    case ledger
    /// The database could not be asked, and why: what stands there now is not known.
    case journalAlone(String)
  }

  /// What it is known from.
  package internal(set) var source: Source
  /// A table of documents that holds rows, in a database without a ledger.
  package internal(set) var unlistedTable: String?
  /// The tables of the database that is meant, by name.
  package internal(set) var tables: [TableStanding] = []
  /// What the journal knows of other databases and tables.
  package internal(set) var others: [TableStanding] = []
}
