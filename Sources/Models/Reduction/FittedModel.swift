package import Ledger
package import VectorMath

/// A projection, and the measured quality of searches with it.
package struct FittedModel: Sendable, Equatable {
  /// The projection that reduces vectors.
  package let projection: Projection
  /// The measurement of the projection.
  package let measurement: ModelMeasurement

  package init(projection: Projection, measurement: ModelMeasurement) {
    self.projection = projection
    self.measurement = measurement
  }

  package init(projection: Projection, fidelity: Fidelity) {
    self.init(projection: projection, measurement: ModelMeasurement(fidelity))
  }

  /// The recall and the change of scores on a sample of the store's own vectors.
  package var fidelity: Fidelity { measurement.fidelity }
}

extension FittedModel {
  /// Throws where the recall is below the operator's minimum.
  package func check(minimumRecall: Double) throws(Failure) {
    let recall = measurement.searchRecall
    guard recall < minimumRecall else { return }
    let ranked = measurement.keepsOriginals ? " even with kept originals" : ""
    let remedy =
      "keep all dimensions in a table of its own (--reduce none --table NAME), or accept the lower "
      + "recall with --min-recall"
    throw Failure(
      .source,
      "recall@\(fidelity.neighbours) after reduction to \(projection.outputDimensions) dimensions "
        + "would be \(recall.rounded(digits: 3))\(ranked), below --min-recall \(minimumRecall)",
      remedy: measurement.keepsOriginals
        ? remedy
        : "let the store keep originals, which searches rank by (--keep-original auto; needs "
          + "pgvector 0.7, the right to write vector_ferry.originals, and numbers below 65,520), "
          + remedy)
  }
}

extension Double {
  /// Returns the number rounded to this many digits after the point.
  package func rounded(digits: Int) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
