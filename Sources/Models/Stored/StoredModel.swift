public import Stores
public import VectorMath

/// A model as the database has it, without its components.
public struct StoredModel: Sendable {
  /// A store that the model reduces.
  public struct Use: Sendable {
    /// The user and the collection.
    public let store: StoreName
    /// The table that holds its rows.
    public let table: String
    /// How many documents were written.
    public let documents: Int
    /// What was measured on the store.
    public let fidelity: Fidelity?
    /// Unreduced vectors are kept beside the rows.
    public let keepsOriginals: Bool
  }

  /// Its number in the database.
  public let id: Int
  /// All stores of a dimension may use it; else it belongs to one.
  public let isShared: Bool
  /// What it keeps.
  public let kind: Projection.Kind
  /// The length of vectors before.
  public let inputDimensions: Int
  /// The length of vectors after.
  public let outputDimensions: Int
  /// How many components it has.
  public let rank: Int
  /// How many rows it was fitted to.
  public let fittedRows: Int
  /// How many rows those were a sample of.
  public let population: Int
  /// Every fitted row keeps all its inner products.
  public let isExact: Bool
  /// The share of the fitted rows' energy that the components keep; nil for a truncation.
  public let capturedEnergy: Double?
  /// When it was fitted, as the server writes it.
  public let fittedAt: String
  /// The run that fitted it.
  public let run: String?
  /// The stores that it reduces.
  public let uses: [Use]
}

/// How an operator names a model: by a store that uses it, or by its number.
public enum ModelName: Sendable, Equatable {
  /// The model of a store.
  case store(StoreName)
  /// The model of a number.
  case number(Int)

  /// Reads `user/collection` or a number; nil where the text is neither.
  ///
  /// A user's name holds no slash: it is a folder's.
  public init?(_ text: String) {
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
