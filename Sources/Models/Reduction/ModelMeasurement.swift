package import VectorMath

/// The quality of searches with a model, measured on one store.
package struct ModelMeasurement: Sendable, Equatable {
  /// The recall and the change of scores on a sample of the store's own vectors.
  package let fidelity: Fidelity
  /// True where the store's unreduced vectors are kept.
  package let keepsOriginals: Bool
  /// The recall where search results are ranked again by their originals; nil where originals are
  /// not kept, or where it was not measured.
  package let rerankedRecall: Double?

  package init(_ fidelity: Fidelity, keepsOriginals: Bool = false, rerankedRecall: Double? = nil) {
    self.fidelity = fidelity
    self.keepsOriginals = keepsOriginals
    self.rerankedRecall = rerankedRecall
  }

  /// The recall of searches with full queries, ranked by originals where they are kept.
  package var searchRecall: Double { max(fidelity.recall, rerankedRecall ?? 0) }
}
