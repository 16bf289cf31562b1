package import VectorIndex

/// The index that a run intends to build, decided from facts that are known before the load.
package enum IndexIntent: Sendable, Equatable {
  /// No index is asked for.
  case none
  /// The table stays so small that an exact scan is faster.
  case tooSmall(rows: Int)
  /// Nothing is written, so no index is built.
  case nothingWritten
  /// An index with these parameters for about this many rows is built, unless the table has one.
  case build(IndexParameters, rows: Int)

  /// Decides which index is built, by the number of rows that the table will have.
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
