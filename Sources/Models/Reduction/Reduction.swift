package import VectorMath

/// How a store's vectors get the dimension of the table's column.
package enum Reduction: Sendable, Equatable {
  /// They have it.
  case none
  /// Zeros follow the values: every inner product stays as it is.
  case extend(from: Int, to: Int)
  /// A projection fitted to the store makes them shorter.
  case project(Projection.Kind, from: Int, to: Int)

  /// Gives vectors another dimension; nil where they have to be shorter and no kind of projection
  /// is named.
  package init?(from source: Int, to target: Int, by kind: Projection.Kind?) {
    if source == target {
      self = .none
    } else if source < target {
      self = .extend(from: source, to: target)
    } else if let kind {
      self = .project(kind, from: source, to: target)
    } else {
      return nil
    }
  }
}

/// What the operator wants done with vectors that are longer than the table takes.
package struct ReductionOptions: Sendable, Equatable {
  /// How they are made shorter, in the words of `--reduce`.
  // Not the kind of a model: PCA makes models of two kinds, and where nothing is reduced is none.
  package enum Method: String, CaseIterable, Sendable {
    /// Projected onto the leading eigenvectors.
    case pca
    /// Cut to the first numbers and scaled to length one.
    case truncate
    /// Not at all: the table is made wide enough, or the store is refused.
    case none
  }

  /// How they are made shorter.
  package var method = Method.pca
  /// Subtracts the mean first, as scikit-learn does.
  package var isCentered = false
  /// A store whose measured recall@10 falls below this is refused.
  package var minimumRecall = 0.95

  /// Which stores a model is fitted to.
  package enum Sharing: String, CaseIterable, Sendable {
    /// Each store has a model of its own.
    case perStore = "per-store"
    /// All stores of one dimension have one, fitted to a sample of them.
    case shared
  }

  /// Which stores a model is fitted to.
  package var sharing = Sharing.perStore

  /// Uncentred projection for each store, recall of at least 0.95.
  package init() {}

  /// How vectors of one dimension get another; nil where these options offer no way.
  package func reduction(from source: Int, to target: Int) -> Reduction? {
    Reduction(from: source, to: target, by: kind)
  }

  /// The kind of the models that are fitted; nil where none are.
  private var kind: Projection.Kind? {
    switch method {
    case .pca: isCentered ? .centered : .uncentered
    case .truncate: .truncated
    case .none: nil
    }
  }

  /// Whether a store of this reduction takes the model that all stores share; a truncation is the
  /// same for all of them anyway.
  package func usesSharedModel(_ reduction: Reduction?) -> Bool {
    guard sharing == .shared, case .project(let kind, _, _) = reduction else { return false }
    return kind != .truncated
  }
}
