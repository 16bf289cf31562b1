/// How a store's files are laid out.
public enum StoreFormat: String, Sendable, CaseIterable {
  /// A pickle of vectors, `vectors.pkl`, beside a JSON array of entries, `metadata.json`.
  case simple = "SimpleVectorStore"

  /// The files of a complete store, vectors first.
  public var fileNames: [String] {
    switch self {
    case .simple: [Self.vectorsFile, Self.metadataFile]
    }
  }

  static let vectorsFile = "vectors.pkl"
  static let metadataFile = "metadata.json"
  /// What stands before the collection in the name of a store's folder.
  public static let folderPrefix = "vector_store_"
}
