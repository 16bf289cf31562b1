package import OwnSchema

extension MigrationSet {
  private static let bundles:
    [(name: String, summary: String, files: [(name: String, text: String)])] = [
      (
        "vector_documents", "the application's table of documents, its indexes and searches",
        BundledFiles.vectorDocuments
      ),
      (
        "semantic_search", "indexed content, embeddings of its chunks, queries and their results",
        BundledFiles.semanticSearch
      ),
      (
        "unified_embeddings", "one table of embeddings for every source, with hybrid search",
        BundledFiles.unifiedEmbeddings
      ),
      (
        "forum_vectors", "forums, topics, posts, their vectors and evaluations",
        BundledFiles.forumVectors
      ),
      (
        "knowledge_graph", "embeddings, patterns and relationships of source code",
        BundledFiles.knowledgeGraph
      ),
    ]

  /// The names of the sets that come with the program; the first is the default.
  package static var bundledNames: [String] { bundles.map(\.name) }

  /// Returns the files of a bundled set; empty for an unknown name.
  package static func bundledFiles(of name: String) -> [(name: String, text: String)] {
    bundles.first { $0.name == name }?.files ?? []
  }

  /// Returns the bundled set of this name.
  package static func bundled(_ name: String) throws(SchemaError) -> MigrationSet {
    guard let bundle = bundles.first(where: { $0.name == name }) else {
      throw SchemaError(
        "there is no set \(name)",
        remedy: "name one of \(bundledNames.joined(separator: ", ")), or a folder with --dir")
    }
    let files = bundle.files.map { file in
      File(name: file.name, path: "\(name)/\(file.name)", bytes: Array(file.text.utf8))
    }
    return try MigrationSet(
      name: name, summary: bundle.summary, files: files, isBundled: true, directory: nil)
  }
}
