package import VectorIndex

/// The index that a run means to leave behind, from what is known before the load.
package enum IndexIntent: Sendable, Equatable {
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
