package import Stores
package import VectorMath

/// A model as the database holds it, without its components.
package struct StoredModel: Sendable {
  /// A store whose vectors the model reduces.
  package struct Use: Sendable {
    /// The store's name: the user and the collection.
    package let store: StoreName
    /// The table that holds the store's rows.
    package let table: String
    /// The number of documents that were written.
    package let documents: Int
    /// The measurement of the model on the store; nil where it was not measured.
    package let measurement: ModelMeasurement?
    /// True where the store's unreduced vectors are kept.
    package let keepsOriginals: Bool
  }

  /// The model's id in the database.
  package let id: Int
  /// True where all stores of a dimension may use the model; otherwise it belongs to one store.
  package let isShared: Bool
  /// The kind of the projection.
  package let kind: Projection.Kind
  /// The length of vectors before reduction.
  package let inputDimensions: Int
  /// The length of vectors after reduction.
  package let outputDimensions: Int
  /// The number of components that the model has.
  package let rank: Int
  /// The number of rows that the model was fitted to.
  package let fittedRows: Int
  /// The number of rows from which the fitted rows were chosen.
  package let population: Int
  /// True where every fitted row keeps all its inner products.
  package let isExact: Bool
  /// The share of the fitted rows' energy that the components keep; nil for a truncation.
  package let capturedEnergy: Double?
  /// The time when the model was fitted, as the server writes it.
  package let fittedAt: String
  /// The run that fitted the model; nil where it is not known.
  package let run: String?
  /// The stores whose vectors the model reduces.
  package let uses: [Use]
}

/// The operator's name for a model: a store that uses it, or its number.
package enum ModelName: Sendable, Equatable {
  /// The model of a store.
  case store(StoreName)
  /// The model with this id.
  case number(Int)

  /// Reads `user/collection` or a number; nil where the text is neither.
  ///
  /// The first slash separates user and collection, because a user's name is a folder's name and
  /// has no slash.
  package init?(_ text: String) {
    if let slash = text.firstIndex(of: "/") {
      let user = String(text[..<slash])
      let collection = String(text[text.index(after: slash)...])
      guard !user.isEmpty, !collection.isEmpty else { return nil }
      self = .store(StoreName(user: user, collection: collection))
    } else {
      guard let number = Int(text), number > 0 else { return nil }
      self = .number(number)
    }
  }
}
