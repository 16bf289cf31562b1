internal import JSON

extension EntryFileFormat {
  /// LangChain's InMemoryVectorStore, as its `dump` writes it: an object of documents by their ids.
  static let langChainMemory = EntryFileFormat(
    layout: Layout(
      name: "langchain-memory",
      names: names(texts: ["text"], vectors: ["vector"], objects: ["metadata"]),
      isStore: { $0.innerKeys.prefix(2) == ["id", "vector"] },
      walk: { walker, entry in try byKey(walker, entry) },
      metadata: { bytes throws(UnreadableValue) in try LangChainMetadata.original(bytes) }))

  /// Spring AI's SimpleVectorStore, as its `save` writes it: an object of documents by their ids.
  static let springAI = EntryFileFormat(
    layout: Layout(
      name: "spring-ai",
      names: names(
        texts: ["text", "content"], vectors: ["embedding"], objects: ["metadata"],
        optional: ["media", "text", "content"]),
      isStore: { beginning in
        let keys = beginning.innerKeys
        return keys.first == "id" && !keys.contains("vector")
          && (keys.contains("embedding") || keys.contains("text") || keys.contains("content"))
      },
      walk: { walker, entry in try byKey(walker, entry) }))

  /// Haystack's InMemoryDocumentStore, as its `save_to_disk` writes it: settings, and an array of
  /// documents.
  static let haystack = EntryFileFormat(
    layout: Layout(
      name: "haystack",
      names: names(
        texts: ["content"], vectors: ["embedding"], objects: ["meta"],
        optional: ["blob", "dataframe", "score", "sparse_embedding", "content"]),
      isStore: { $0.strings["type"]?.hasSuffix("InMemoryDocumentStore") ?? false },
      walk: { walker, entry in try inArray(named: "documents", walker, entry) }))

  private static func names(
    texts: [String], vectors: [String], objects: [String], optional: [String] = []
  ) -> EntryNames {
    var names = EntryNames()
    names.texts = texts
    names.timestamps = []
    names.vectors = vectors
    names.objects = objects
    names.optional = optional
    names.required = [names.ids, texts, objects]
    return names
  }

  private static func byKey(_ walker: JSONWalker, _ entry: (String?) throws -> Void) throws {
    try walker.enter(.object)
    while let key = try walker.nextKey() { try entry(key) }
  }

  private static func inArray(
    named name: String, _ walker: JSONWalker, _ entry: (String?) throws -> Void
  ) throws {
    var isFound = false
    try walker.enter(.object)
    while let key = try walker.nextKey() {
      if key != name {
        try walker.skip()
        continue
      }
      guard !isFound else { throw walker.repeatedKey() }
      isFound = true
      try walker.enter(.array)
      while try walker.nextElement() { try entry(nil) }
    }
    if !isFound { throw walker.missingKey(name) }
  }
}
