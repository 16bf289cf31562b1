public import VectorIndex

/// The index that a run means to leave behind, from what is known before the load.
public enum IndexIntent: Sendable, Equatable {
  /// None is asked for.
  case none
  /// The table stays so small that an exact scan is quicker.
  case tooSmall(rows: Int)
  /// Nothing is written, so nothing is built.
  case nothingWritten
  /// One of this kind over about so many rows, unless the table has one.
  case build(IndexParameters, rows: Int)

  /// Decides by the rows that the table will have.
  init(_ choice: MigrationOptions.IndexChoice, rows: Int, writes: Bool) {
    switch choice {
    case .none: self = .none
    case .method(let method): self = .build(.fitting(method, rows: rows), rows: rows)
    case .automatic:
      guard writes else {
        self = .nothingWritten
        return
      }
      self =
        BuildDecision.automatic(rows: rows).map { .build(.fitting($0, rows: rows), rows: rows) }
        ?? .tooSmall(rows: rows)
    }
  }
}

/// What became of the table's index after the load; the documents are committed before it begins.
public enum IndexResult: Sendable, Equatable {
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
  public var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }
}
