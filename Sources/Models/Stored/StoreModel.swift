package import VectorMath

/// The model that reduces a store's vectors.
package struct StoreModel {
  /// The projection, and its measurement on this store before the load.
  package let fitted: FittedModel
  /// The id of the shared model; nil where the store has a model of its own.
  package let shared: Int?
  /// The store's rows that were reduced while the model was measured; nil where no rows were kept.
  let reduced: ReducedRows?
  /// The measurement that is made while the store is loaded; nil where the model was measured
  /// before.
  package let measurement: LoadMeasurement?

  package init(fitted: FittedModel, shared: Int?, reduced: ReducedRows? = nil) {
    self.fitted = fitted
    self.shared = shared
    self.reduced = reduced
    measurement = nil
  }

  /// Creates a model that is measured while the store is loaded.
  package init(_ measurement: LoadMeasurement, shared: Int?) {
    fitted = FittedModel(
      projection: measurement.projection,
      measurement: ModelMeasurement(.unmeasured, keepsOriginals: measurement.keepsOriginals))
    self.shared = shared
    reduced = nil
    self.measurement = measurement
  }
}

extension Reducer {
  /// Creates a reducer with a store's model.
  package init(_ model: StoreModel, engine: Engine) {
    let projection = model.fitted.projection
    let reducer =
      model.shared == nil
      ? Reducer(projection: projection, engine: engine)
      : Reducer(foreign: projection, engine: engine)
    self = reducer.using(model.reduced)
  }
}
