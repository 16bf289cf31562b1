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

  /// The result of the comparison.
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

  /// The store's name: the user and the collection.
  package let name: StoreName
  /// The files that the store was compared with; nil where there were none.
  package internal(set) var reference: Reference?
  /// The counts of the comparison.
  package internal(set) var counts = Counts()
  /// The documents that differ: the number of them, and the first ones.
  package internal(set) var differences = DifferenceList()
  /// The differences that concern the store as a whole.
  package internal(set) var problems: [String] = []
  /// The facts that the operator should know, but that are no differences.
  package internal(set) var notes: [String] = []
  /// The recall of PostgreSQL's own search, compared with an exact scan of the files; nil where it
  /// was not measured.
  package internal(set) var recall: SearchRecall?
  /// The comparison of some vectors with what their service answers now; nil where it was not asked.
  package internal(set) var service: ServiceSample?
  /// The checks that were not made, each with the reason.
  package internal(set) var notLookedAt: [String] = []
  /// The reason why nothing of the store is in the database: it was not migrated, or was rolled
  /// back; nil otherwise.
  package internal(set) var absence: String?
  /// The reason why a run would refuse the store, judged by a first look at the files; nil where no
  /// reason is known, or where this was not checked.
  package internal(set) var refusal: Failure?
  /// The reason why the store could not be compared; nil where the store was compared.
  package internal(set) var failure: Failure?

  init(_ name: StoreName) { self.name = name }

  /// The result of the comparison.
  package var outcome: Outcome {
    if let failure { return .failed(failure) }
    if absence != nil { return .notMigrated }
    return differences.count == 0 && problems.isEmpty ? .verified : .different
  }

  /// The counts that the comparison of a store gives.
  package struct Counts: Sendable, Equatable {
    /// The number of documents that the files hold; nil where the files were not read.
    package internal(set) var source: Int?
    /// The number of documents that the ledger lists.
    package internal(set) var ledger = 0
    /// The number of visible rows that the user's collection has in the table.
    package internal(set) var table = 0
    /// The number of vectors in the table that are exactly as expected, bit for bit.
    package internal(set) var exactVectors = 0
    /// The number of vectors that differ only as much as another processor's rounding could explain
    /// (`docs/VERIFY.md`).
    package internal(set) var roundedVectors = 0
    /// The number of vectors that were computed from kept originals, as a refit does: they are
    /// exactly as expected from the files' numbers in half precision.
    package internal(set) var halvedVectors = 0
    /// The number of kept originals that hold the files' vectors in half precision.
    package internal(set) var originals = 0
    /// The number of documents whose rows a run has adopted.
    package internal(set) var adopted = 0
    /// The number of rows that the application has added.
    package internal(set) var added = 0
    /// The number of rows that existed before the store was migrated and were left as they are.
    package internal(set) var alongside = 0
    /// The number of unlisted rows that have the text of a document in the ledger, so that the text
    /// is in the table more than once.
    package internal(set) var doubles = 0
    /// The number of rows in `doubles` that the application has added.
    var addedDoubles = 0
    /// The number of rows that the ledger does not list.
    var unlisted: Int { added + alongside }
  }
}

/// The recall of PostgreSQL's search for the nearest documents.
package struct SearchRecall: Sendable, Equatable {
  /// The mean share of true neighbours that the search found.
  package let recall: Double
  /// The number of neighbours that were searched for.
  package let neighbours: Int
  /// The number of the store's own vectors that were used as queries.
  package let queries: Int
  /// The recall below which the store counts as different.
  package let expected: Double
  /// The recall of queries that are cut to the table's dimension; nil where nothing was reduced.
  package let cutRecall: Double?
  /// The measurement that was made when the store was written; nil where nothing was reduced.
  package let recorded: ModelMeasurement?
}

/// Some vectors of a store, compared with what the service that made them answers now.
package struct ServiceSample: Sendable, Equatable {
  /// The number of texts that the service was asked for.
  package let texts: Int
  /// The number of these texts of which the service made a vector that can be used.
  package let answered: Int
  /// The number of these vectors that could be compared with a row in the table.
  package let compared: Int
  /// The number of answers that are farther from the table's vector than is accepted.
  package let differing: Int
  /// The largest cosine distance between an answer and the table's vector; nil where nothing was
  /// compared.
  package let farthest: Double?
  /// The cosine distance between two answers to the same text; nil where no text was answered twice.
  package let repeats: Double?
  /// The cosine distance that is accepted.
  package let accepted: Double
  /// The reason why the first text without a vector has none; nil where each has one.
  let obstacle: String?

  /// The part that was not compared, in words; nil where everything was compared.
  var gap: String? {
    if let obstacle, answered < texts {
      return "\(texts - answered) of \(texts) texts got no vector that can be used: \(obstacle)"
    }
    guard compared < answered else { return nil }
    return "\(answered - compared) of \(texts) texts have no row whose vector can be compared"
  }
}

/// The documents that differ: all are counted, and the first hundred are kept.
package struct DifferenceList: Sendable, Equatable {
  /// The number of documents that differ.
  package private(set) var count = 0
  /// The number of documents for each kind of difference.
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
