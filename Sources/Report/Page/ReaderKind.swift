internal import Journal

/// A kind of reader, whose recall is measured separately.
enum ReaderKind: Int, CaseIterable {
  /// Queries are reduced by the model; results are ranked by originals where these are kept.
  case full
  /// Queries are cut to their first numbers.
  case cut
  /// A tenth of the documents was added later.
  case added
  /// As many documents were added later.
  case doubled

  /// The name of the kind.
  var name: String {
    switch self {
    case .full: "Full queries"
    case .cut: "Queries cut to their first numbers"
    case .added: "A tenth more documents added later"
    case .doubled: "As many documents added later"
    }
  }

  /// Returns the recall that was measured for this kind in a store.
  func recall(of store: RunPage.Store) -> Double? {
    switch self {
    case .full: store.fullRecall
    case .cut: store.figures.recall?.cut
    case .added: store.figures.recall?.added
    case .doubled: store.figures.recall?.doubled
    }
  }
}
