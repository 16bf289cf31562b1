package import Ledger
package import Models
package import Stores

/// The result of comparing a store in the database with its files.
package struct StoreVerification: Sendable, Equatable {
  /// The files that the database was compared with.
  package enum Reference: Sendable, Equatable {
    /// The application's own files.
    case source(path: String)
    /// The copy of an earlier run.
    case backup(path: String)
  }

  /// How the comparison ended.
  package enum Outcome: Sendable, Equatable {
    /// Every document is in the database as the files have it.
    case verified
    /// The database and the files differ.
    case different
    /// The ledger has no entry for the store, and the table has no rows of the store.
    case notMigrated
    /// The store could not be compared.
    case failed(Failure)
  }

  /// The user and the collection.
  package let name: StoreName
  /// The files that the store was compared with; nil where there were none.
  package internal(set) var reference: Reference?
  /// The counts of the comparison.
  package internal(set) var counts = Counts()
  /// The documents that differ: their number, and the first of them.
  package internal(set) var differences = DifferenceList()
  /// The differences of the store as a whole.
  package internal(set) var problems: [String] = []
  /// Facts that the operator should know and that are no differences.
  package internal(set) var notes: [String] = []
  /// The recall of PostgreSQL's own search, compared with an exact scan of the files; nil where it
  /// was not measured.
  package internal(set) var recall: SearchRecall?
  /// The comparison of some vectors with what their service answers now; nil where it was not asked.
  package internal(set) var service: ServiceSample?
  /// The checks that were not made, and why.
  package internal(set) var notLookedAt: [String] = []
  /// Why nothing of the store is in the database: it was not migrated, or was rolled back; nil
  /// otherwise.
  package internal(set) var absence: String?
  /// Why a run would refuse the store, as far as its files show without being read completely; nil
  /// where no reason is known, or where this was not checked.
  package internal(set) var refusal: Failure?
  /// Why the store could not be compared; nil where the store was compared.
  package internal(set) var failure: Failure?

  init(_ name: StoreName) { self.name = name }

  /// How the comparison ended.
  package var outcome: Outcome {
    if let failure { return .failed(failure) }
    if absence != nil { return .notMigrated }
    return differences.count == 0 && problems.isEmpty ? .verified : .different
  }

  /// The counts of comparing a store.
  package struct Counts: Sendable, Equatable {
    /// How many documents the files hold; nil where they were not read.
    package internal(set) var source: Int?
    /// How many documents the ledger lists.
    package internal(set) var ledger = 0
    /// How many visible rows of the user's collection are in the table.
    package internal(set) var table = 0
    /// How many vectors in the table are exactly as expected, bit for bit.
    package internal(set) var exactVectors = 0
    /// How many vectors differ only as much as another processor's rounding could explain
    /// (`docs/VERIFY.md`).
    package internal(set) var roundedVectors = 0
    /// How many vectors were computed from kept originals, as a refit does: they are exactly what the
    /// files' numbers in half precision give.
    package internal(set) var halvedVectors = 0
    /// How many documents are held by rows that a run has adopted.
    package internal(set) var adopted = 0
    /// How many rows the application has added.
    package internal(set) var added = 0
    /// How many rows existed before the store was migrated and were left as they are.
    package internal(set) var alongside = 0
    /// How many added and alongside rows have the text of a document in the ledger, so that the
    /// text is in the table more than once.
    package internal(set) var doubles = 0
    /// How many of the rows in `doubles` the application has added.
    var addedDoubles = 0
    /// How many rows the ledger does not list.
    var unlisted: Int { added + alongside }
  }
}

/// How well PostgreSQL's search finds the nearest documents.
package struct SearchRecall: Sendable, Equatable {
  /// The mean share of true neighbours that the search found.
  package let recall: Double
  /// How many neighbours were searched for.
  package let neighbours: Int
  /// How many of the store's own vectors were used as queries.
  package let queries: Int
  /// The recall below which the store counts as different.
  package let expected: Double
  /// The recall of queries that are cut to the table's dimension; nil where nothing was reduced.
  package let cutRecall: Double?
  /// What was measured when the store was written; nil where nothing was reduced.
  package let recorded: ModelMeasurement?
}

/// Some vectors of a store, compared with what the service that made them answers now.
package struct ServiceSample: Sendable, Equatable {
  /// How many texts the service was asked for.
  package let texts: Int
  /// How many of them have a vector of the service and a row in the table.
  package let compared: Int
  /// How many are farther from the table's vector than is accepted.
  package let differing: Int
  /// The largest cosine distance between an answer and the table's vector.
  package let farthest: Double
  /// The cosine distance between two answers to the same text.
  package let repeats: Double
  /// The cosine distance that is accepted.
  package let accepted: Double
}

/// The documents that differ: all are counted, the first hundred are kept.
package struct DifferenceList: Sendable, Equatable {
  /// How many documents differ.
  package private(set) var count = 0
  /// How many documents differ in each kind.
  package private(set) var tally: [DocumentDifference.Kind: Int] = [:]
  /// The first documents that differ, up to `limit`.
  package private(set) var first: [DocumentDifference] = []

  static let limit = 100

  mutating func add(_ difference: DocumentDifference) {
    count += 1
    tally[difference.kind, default: 0] += 1
    if first.count < Self.limit { first.append(difference) }
  }
}
