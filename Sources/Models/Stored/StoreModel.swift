package import VectorMath

/// The model that reduces a store's vectors.
package struct StoreModel {
  /// The projection, and what was measured with it on this store.
  package let fitted: FittedModel
  /// The id of the shared model; nil where the store has its own.
  package let shared: Int?

  package init(fitted: FittedModel, shared: Int?) {
    self.fitted = fitted
    self.shared = shared
  }
}

extension Reducer {
  /// Creates a reducer with a store's model.
  package init(_ model: StoreModel, engine: Engine) {
    let projection = model.fitted.projection
    self =
      model.shared == nil
      ? Reducer(projection: projection, engine: engine)
      : Reducer(foreign: projection, engine: engine)
  }
}
