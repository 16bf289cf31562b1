internal import Models
internal import VectorMath

/// How an application must ask for the documents of the stores that a run has reduced.
package struct SearchAdvice: Sendable, Equatable {
  /// The dimension to which vectors were reduced.
  package let dimensions: Int
  /// The lowest recall@10 of a store for queries with full vectors.
  package let fullRecall: Double
  /// The lowest recall@10 of a store for queries that are cut to the first numbers.
  package let cutRecall: Double

  /// The recall@10 from which an application may go on cutting its vectors.
  static let enough = 0.95

  /// True where an application that cuts its vectors to the first numbers may go on doing so.
  package var mayCut: Bool { cutRecall >= Self.enough }
}

extension MigrationReport {
  /// How to ask for what the run has written; nil where it has reduced no vectors.
  package var searchAdvice: SearchAdvice? {
    let measured = stores.filter(\.outcome.isMigrated).compactMap(\.measurement)
    let full = measured.map(\.searchRecall).filter { !$0.isNaN }.min()
    guard let full, let cut = measured.compactMap(\.fidelity.cutRecall).min() else { return nil }
    return SearchAdvice(
      dimensions: plan.target.dimensions, fullRecall: full, cutRecall: cut)
  }
}
