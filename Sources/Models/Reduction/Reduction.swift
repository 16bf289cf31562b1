package import VectorMath

/// The way in which a store's vectors get the dimension of the table's column.
package enum Reduction: Sendable, Equatable {
  /// The vectors already have the column's dimension.
  case none
  /// Zeros are appended: every inner product stays the same.
  case extend(from: Int, to: Int)
  /// A projection fitted to vectors reduces their dimension.
  case project(Projection.Kind, from: Int, to: Int)

  /// Chooses the way in which vectors get another dimension; nil where the new dimension is smaller
  /// and no kind of projection is given.
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

/// The operator's choices for vectors that are longer than the table allows.
package struct ReductionOptions: Sendable, Equatable {
  /// The method that reduces vectors, in the words of `--reduce`.
  // Not the same as the kind of a model: PCA makes models of two kinds, and no model is made where
  // nothing is reduced.
  package enum Method: String, CaseIterable, Sendable {
    /// Vectors are projected onto the leading eigenvectors.
    case pca
    /// Vectors are cut to their first numbers and scaled to length one.
    case truncate
    /// Vectors are not reduced: the table is created wide enough, or the store is refused.
    case none
  }

  /// The method that reduces vectors.
  package var method = Method.pca
  /// True where the mean is subtracted first, as scikit-learn does.
  package var isCentered = false
  /// The smallest measured recall@10 at which a store is accepted.
  package var minimumRecall = 0.95

  /// The stores that a model is fitted to.
  package enum Sharing: String, CaseIterable, Sendable {
    /// Each store has a model of its own.
    case perStore = "per-store"
    /// All stores of one dimension share a model, which is fitted to a sample of these stores.
    case shared
  }

  /// The choice of the stores that a model is fitted to.
  package var sharing = Sharing.perStore

  /// Creates the defaults: an uncentred projection for each store, and a recall of at least 0.95.
  package init() {}

  /// Returns the way in which vectors get from one dimension to another; nil where these options
  /// allow none.
  package func reduction(from source: Int, to target: Int) -> Reduction? {
    Reduction(from: source, to: target, by: kind)
  }

  /// The kind of the models that are fitted; nil where no models are fitted.
  private var kind: Projection.Kind? {
    switch method {
    case .pca: isCentered ? .centered : .uncentered
    case .truncate: .truncated
    case .none: nil
    }
  }

  /// Returns true where a store with this reduction uses the shared model; a truncation needs no
  /// model, because it cuts the vectors of all stores in the same way.
  package func usesSharedModel(_ reduction: Reduction?) -> Bool {
    guard sharing == .shared, case .project(let kind, _, _) = reduction else { return false }
    return kind != .truncated
  }
}
