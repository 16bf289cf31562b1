extension StoreFormat {
  /// The format of a pickle of vectors with a JSON file of texts.
  public static let simple = StoreFormat(SimpleVectorStore())

  /// The format of Chroma's persistent client.
  public static let chroma = StoreFormat(Chroma())

  /// The format of LangChain's FAISS.
  public static let faiss = StoreFormat(LangChainFAISS())
  /// The format of Qdrant's local mode.
  public static let qdrant = StoreFormat(Qdrant())
  /// The format of tables in SQLite files.
  public static let sqlite = StoreFormat(SQLiteTable())

  /// All formats; for an entry of a user's folder, the first format that finds a store is used.
  public static let all: [StoreFormat] = [
    simple, chroma, faiss, qdrant, sqlite,
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
