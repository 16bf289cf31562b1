package import VectorIndex

/// The result of building the table's index after a load; the documents were committed before.
package enum IndexResult: Sendable, Equatable {
  /// No index was asked for, or the run has written nothing.
  case notAsked
  /// No index is needed or possible, for this reason.
  case none(reason: String)
  /// The table already had an index.
  case exists(TableIndex)
  /// The index was built.
  case built(BuildPlan, IndexBuild.Outcome)
  /// Another session is building an index.
  case leftToAnother(String)
  /// The index was not built; the documents were committed nevertheless.
  case failed(Failure)

  /// The reason why the building of the index failed; nil where it did not fail.
  package var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }
}
