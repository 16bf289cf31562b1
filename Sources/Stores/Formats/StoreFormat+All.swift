extension StoreFormat {
  /// The format of a pickle of vectors with a JSON file of texts.
  public static let simple = StoreFormat(SimpleVectorStore())

  /// The formats; at an entry, the first that finds a store there is used.
  public static let all: [StoreFormat] = [
    simple
  ]
}
