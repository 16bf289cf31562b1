package import VectorMath

/// The model that a store's vectors are reduced by.
package struct StoreModel {
  /// The projection, and what was measured with it on this store.
  package let fitted: FittedModel
  /// The id of the shared model; nil where the store has one of its own.
  package let shared: Int?

  package init(fitted: FittedModel, shared: Int?) {
    self.fitted = fitted
    self.shared = shared
  }
}

extension Reducer {
  /// A reducer by a store's model.
  package init(_ model: StoreModel, engine: Engine) {
    let projection = model.fitted.projection
    self =
      model.shared == nil
      ? Reducer(projection: projection, engine: engine)
      : Reducer(foreign: projection, engine: engine)
  }
}
