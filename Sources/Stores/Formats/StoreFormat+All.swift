extension StoreFormat {
  /// The format of a pickle of vectors with a JSON file of texts.
  public static let simple = StoreFormat(SimpleVectorStore())

  /// All formats; at an entry, the first format that finds a store there is used.
  public static let all: [StoreFormat] = [
    simple
  ]
}
