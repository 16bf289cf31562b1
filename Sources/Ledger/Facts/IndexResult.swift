package import VectorIndex

/// The result of building the table's index after a load, whose documents are committed before.
package enum IndexResult: Sendable, Equatable {
  /// None was asked for, or the run has written nothing.
  case notAsked
  /// None is needed or possible, and why.
  case none(reason: String)
  /// The table had one.
  case exists(TableIndex)
  /// It was built.
  case built(BuildPlan, IndexBuild.Outcome)
  /// Another session is at it.
  case leftToAnother(String)
  /// It was not built; the documents are there all the same.
  case failed(Failure)

  /// Why it failed, where it did.
  package var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }
}
