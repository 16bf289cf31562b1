extension StoreFormat {
  /// The format of a pickle of vectors with a JSON file of texts.
  public static let simple = StoreFormat(SimpleVectorStore())

  /// All formats; for an entry of a user's folder, the first format that finds a store is used.
  public static let all: [StoreFormat] = [
    simple,
    StoreFormat(EntryFileFormat.langChainMemory),
    StoreFormat(EntryFileFormat.springAI),
    StoreFormat(EntryFileFormat.haystack),
    StoreFormat(SKLearnStore()),
    StoreFormat(NanoVectorDB()),
    StoreFormat(LlamaIndex()),
    StoreFormat(ArrayStore()),
    StoreFormat(JSONLines()),
    StoreFormat(CSVStore()),
    StoreFormat(RefusedFile()),
  ]
}
