internal import Models
internal import VectorMath

/// What the models of a run's stores take up in the database: one for each store, or one for all
/// stores of a dimension.
package struct ModelStorage: Sendable, Equatable {
  /// So many models of so many bytes.
  package struct Cost: Sendable, Equatable {
    /// How many models.
    package var models = 0
    /// Bytes of their components.
    package var bytes = 0
  }

  /// With a model for each store.
  package private(set) var perStore = Cost()
  /// With one model for all stores of a dimension.
  package private(set) var shared = Cost()

  /// Adds up the stores that will be written; nil where none of them needs a model.
  init?(_ stores: [PlannedStore]) {
    var rows: [ModelTable.Shape: Int] = [:]
    for store in stores where store.action.writes {
      guard let shape = ModelTable.Shape(store.reduction), shape.kind != .truncated else {
        continue
      }
      let documents = store.contents?.documents ?? 0
      perStore.models += 1
      perStore.bytes += Self.bytes(shape, rows: documents)
      rows[shape, default: 0] += documents
    }
    guard perStore.models > 0 else { return nil }
    shared.models = rows.count
    shared.bytes = rows.reduce(0) { $0 + Self.bytes($1.key, rows: $1.value) }
  }

  /// As many components as there are rows or wanted dimensions, each a `vector` of four bytes a
  /// number with its header of eight.
  private static func bytes(_ shape: ModelTable.Shape, rows: Int) -> Int {
    min(rows, shape.target) * (4 * shape.source + 8)
  }
}
