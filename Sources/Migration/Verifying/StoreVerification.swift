package import Ledger
package import Stores

/// How one store in the database compares with its files.
package struct StoreVerification: Sendable, Equatable {
  /// What the database was compared with.
  package enum Reference: Sendable, Equatable {
    /// The application's own files.
    case source(path: String)
    /// The copy of an earlier run.
    case backup(path: String)
  }

  /// How it ended.
  package enum Outcome: Sendable, Equatable {
    /// Every document is there as the files have it.
    case verified
    /// Something differs.
    case different
    /// The ledger has no entry for it, and the table no row.
    case notMigrated
    /// It could not be compared.
    case failed(Failure)
  }

  /// The user and the collection.
  package let name: StoreName
  /// What it was compared with; nil where there was nothing.
  package internal(set) var reference: Reference?
  /// What was counted.
  package internal(set) var counts = Counts()
  /// Documents that differ: how many, and the first of them.
  package internal(set) var differences = DifferenceList()
  /// What differs about the store as a whole.
  package internal(set) var problems: [String] = []
  /// What the operator should know and is no difference.
  package internal(set) var notes: [String] = []
  /// How well PostgreSQL's own search finds what an exact scan of the files finds.
  package internal(set) var recall: SearchRecall?
  /// What was not looked at, and why.
  package internal(set) var notLookedAt: [String] = []
  /// Why nothing of it is in the database, where it was not carried over, or was rolled back.
  package internal(set) var absence: String?
  /// Why a run would refuse such a store, as far as its files tell without being read whole.
  package internal(set) var refusal: Failure?
  /// Why it could not be compared.
  package internal(set) var failure: Failure?

  init(_ name: StoreName) { self.name = name }

  /// How it ended.
  package var outcome: Outcome {
    if let failure { return .failed(failure) }
    if absence != nil { return .notMigrated }
    return differences.count == 0 && problems.isEmpty ? .verified : .different
  }

  /// What was counted while a store was compared.
  package struct Counts: Sendable, Equatable {
    /// Documents that the files hold; nil where they were not read.
    package internal(set) var source: Int?
    /// Documents that the ledger lists.
    package internal(set) var ledger = 0
    /// Rows of the user's collection that are in the table and visible.
    package internal(set) var table = 0
    /// Vectors that are in the table bit for bit as expected.
    package internal(set) var exactVectors = 0
    /// Vectors that another processor's rounding could explain (`docs/VERIFY.md`).
    package internal(set) var roundedVectors = 0
    /// Documents that stand in rows which a run has taken over.
    package internal(set) var adopted = 0
    /// Rows that the application added.
    package internal(set) var added = 0
    /// Rows that stood there before the store was migrated and were left as they are.
    package internal(set) var alongside = 0
    /// Of both, those with the text of a document of the ledger: it is there more than once.
    package internal(set) var doubles = 0
    /// Those of them that the application added.
    var addedDoubles = 0
    /// Rows that no ledger lists.
    var unlisted: Int { added + alongside }
  }
}

/// How well PostgreSQL's search finds the nearest documents.
package struct SearchRecall: Sendable, Equatable {
  /// The mean share of true neighbours that the search found.
  package let recall: Double
  /// How many neighbours were asked for.
  package let neighbours: Int
  /// How many of the store's own vectors were asked as queries.
  package let queries: Int
  /// What was expected at least.
  package let expected: Double
}

/// Documents that differ: all of them counted, the first hundred kept.
package struct DifferenceList: Sendable, Equatable {
  /// How many documents differ.
  package private(set) var count = 0
  /// How many of each kind.
  package private(set) var tally: [DocumentDifference.Kind: Int] = [:]
  /// The first of them.
  package private(set) var first: [DocumentDifference] = []

  static let limit = 100

  mutating func add(_ difference: DocumentDifference) {
    count += 1
    tally[difference.kind, default: 0] += 1
    if first.count < Self.limit { first.append(difference) }
  }
}
