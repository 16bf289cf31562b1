internal import SQLite

/// The columns of a table that a document is read from.
struct TableShape: Equatable {
  /// The names by which the columns are found, the first that a table has.
  static let ids = ["id", "_id", "uuid", "rowid", "doc_id"]
  static let texts = ["text", "page_content", "content", "document"]
  static let vectors = ["embedding", "vector", "embeddings", "vectors", "text_embedding"]
  static let metadatas = ["metadata", "meta", "payload"]

  /// The column with the id; nil where the number of the row is the id.
  let id: String?
  let text: String?
  let vector: String
  let metadata: String?
  /// All other columns, which join the metadata.
  let others: [String]

  /// Finds the columns by their names; nil where no column can be a vector.
  init?(_ columns: [String]) {
    func first(_ names: [String]) -> String? {
      names.lazy.compactMap { name in columns.first { $0.lowercased() == name } }.first
    }
    guard let vector = first(Self.vectors) else { return nil }
    self.vector = vector
    (id, text, metadata) = (first(Self.ids), first(Self.texts), first(Self.metadatas))
    let used = [id, text, vector, metadata]
    others = columns.filter { !used.contains($0) }
  }
}

extension String {
  /// The text as a name in SQL, with quotes.
  var quotedName: String { "\"" + replacing("\"", with: "\"\"") + "\"" }
}
