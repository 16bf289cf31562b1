extension StoreFormat {
  /// A pickle of vectors beside a JSON file of texts.
  public static let simple = StoreFormat(SimpleVectorStore())

  /// All formats; at an entry the first counts that finds a store there.
  public static let all: [StoreFormat] = [
    simple
  ]
}
