internal import Models
internal import VectorMath

/// The space that the models of a run's stores need in the database: with a model for each store,
/// and with one for all stores of a dimension.
package struct ModelStorage: Sendable, Equatable {
  /// The number and the size of models.
  package struct Cost: Sendable, Equatable {
    /// The number of models.
    package var models = 0
    /// The size of the models in the database, in bytes.
    package var bytes = 0
  }

  /// The cost with a model for each store.
  package private(set) var perStore = Cost()
  /// The cost with one model for all stores of a dimension.
  package private(set) var shared = Cost()

  /// Adds up the models of the stores that will be written; nil where no store needs a model.
  init?(_ stores: [PlannedStore]) {
    var rows: [ModelTable.Shape: Int] = [:]
    for store in stores where store.action.writes {
      guard let shape = ModelTable.Shape(store.reduction), shape.kind != .truncated else {
        continue
      }
      let documents = store.contents?.documents ?? 0
      perStore.models += 1
      perStore.bytes += ModelTable.storedBytes(of: shape, fittedTo: documents)
      rows[shape, default: 0] += documents
    }
    guard perStore.models > 0 else { return nil }
    shared.models = rows.count
    shared.bytes = rows.reduce(0) {
      $0 + ModelTable.storedBytes(of: $1.key, fittedTo: $1.value)
    }
  }
}
