internal import Bounds
internal import Models
package import VectorMath

/// Finds originals from which a model does not compute the vectors of their rows: these originals
/// were changed after they were written.
package struct OriginalCheck {
  private let projection: Projection
  // An application's row was reduced in the way of added documents, a run's row in the way of rows
  // that the model was fitted to.
  private var reducers: [Reducer]

  /// Prepares the check of documents that a model has reduced.
  package init(_ projection: Projection, engine: Engine) {
    self.projection = projection
    reducers = [
      Reducer(projection: projection, engine: engine), Reducer(foreign: projection, engine: engine),
    ]
  }

  /// Returns the documents whose originals were changed; documents without an original of the
  /// model's dimension, or with a vector of another dimension, are not among them.
  package mutating func changed(_ documents: [AddedDocuments.Added]) throws
    -> [AddedDocuments.Added]
  {
    var suspects = documents.filter {
      $0.original?.count == projection.inputDimensions
        && $0.reduced.count == projection.outputDimensions
    }
    for way in reducers.indices where !suspects.isEmpty {
      let originals = suspects.flatMap { $0.original ?? [] }
      let rows = try reducers[way].withReduced(originals, count: suspects.count) { Array($0) }
      let width = rows.count / suspects.count
      suspects = suspects.enumerated().filter { index, document in
        !document.isExplained(by: rows[index * width..<(index + 1) * width])
      }.map(\.element)
    }
    return suspects
  }
}

extension AddedDocuments.Added {
  /// Returns true where the document's vector is as near to one that was computed from its original
  /// as rounding to half precision leaves it.
  fileprivate func isExplained(by computed: ArraySlice<Float>) -> Bool {
    func length(_ numbers: some Sequence<Float>) -> Double {
      numbers.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    return length(zip(reduced, computed).lazy.map { $0 - $1 })
      <= HalfPrecision.largestMove * length(original ?? [])
  }
}
