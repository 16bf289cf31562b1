internal import Models
internal import VectorMath

/// The advice for applications that search the stores that a run has reduced.
package struct SearchAdvice: Sendable, Equatable {
  /// The dimension to which vectors were reduced.
  package let dimensions: Int
  /// True where a store keeps originals, which only the database's search functions use.
  package let ranksByOriginals: Bool
  /// The measured recall; nil where every store has so few documents that searches find them all.
  package let recall: Recall?

  /// The recall of searches with two kinds of queries.
  package struct Recall: Sendable, Equatable {
    /// The lowest recall@10 of a store for searches with full vectors.
    package let full: Double
    /// The lowest recall@10 of a store for queries that are cut to the first numbers.
    package let cut: Double
  }

  /// The smallest recall@10 at which an application may go on cutting its vectors.
  static let enough = 0.95

  /// True where an application that cuts its vectors to the first numbers may go on doing so.
  package var mayCut: Bool { recall.map { $0.cut >= Self.enough } ?? false }
}

extension MigrationReport {
  /// The advice for searches of the stores that the run has written; nil where the run has reduced
  /// no vectors.
  package var searchAdvice: SearchAdvice? {
    let measured = stores.filter(\.outcome.isMigrated).compactMap(\.measurement)
    guard !measured.isEmpty else { return nil }
    // Among so few documents, the ten nearest are all the others, and recall says nothing.
    let telling = measured.filter { $0.fidelity.queries > $0.fidelity.neighbours + 1 }
    let full = telling.map(\.searchRecall).min()
    let cut = telling.compactMap(\.fidelity.cutRecall).min()
    return SearchAdvice(
      dimensions: plan.target.dimensions,
      ranksByOriginals: measured.contains(where: \.keepsOriginals),
      recall: full.flatMap { full in cut.map { SearchAdvice.Recall(full: full, cut: $0) } })
  }
}
