package import Stores
package import VectorMath

/// A model as the database has it, without its components.
package struct StoredModel: Sendable {
  /// A store that the model reduces.
  package struct Use: Sendable {
    /// The user and the collection.
    package let store: StoreName
    /// The table that holds its rows.
    package let table: String
    /// How many documents were written.
    package let documents: Int
    /// What was measured on the store.
    package let fidelity: Fidelity?
    /// Unreduced vectors are kept beside the rows.
    package let keepsOriginals: Bool
  }

  /// Its number in the database.
  package let id: Int
  /// All stores of a dimension may use it; else it belongs to one.
  package let isShared: Bool
  /// What it keeps.
  package let kind: Projection.Kind
  /// The length of vectors before.
  package let inputDimensions: Int
  /// The length of vectors after.
  package let outputDimensions: Int
  /// How many components it has.
  package let rank: Int
  /// How many rows it was fitted to.
  package let fittedRows: Int
  /// How many rows those were a sample of.
  package let population: Int
  /// Every fitted row keeps all its inner products.
  package let isExact: Bool
  /// The share of the fitted rows' energy that the components keep; nil for a truncation.
  package let capturedEnergy: Double?
  /// When it was fitted, as the server writes it.
  package let fittedAt: String
  /// The run that fitted it.
  package let run: String?
  /// The stores that it reduces.
  package let uses: [Use]
}

/// How an operator names a model: by a store that uses it, or by its number.
package enum ModelName: Sendable, Equatable {
  /// The model of a store.
  case store(StoreName)
  /// The model of a number.
  case number(Int)

  /// Reads `user/collection` or a number; nil where the text is neither.
  ///
  /// A user's name holds no slash: it is a folder's.
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
