/// A search within one user's collection.
package struct SearchRequest: Sendable, Equatable {
  /// The user whose documents are searched; nil where the user is that of a stored document.
  package var user: String?
  /// The collection of the user; nil where the collection is that of a stored document.
  package var collection: String?
  /// The query that documents are compared with; nil for a search by words alone.
  package var query: Query?
  /// The words to search for in addition; nil for a search by vectors alone.
  package var words: String?
  /// The way in which the results by vector and by words are combined.
  package var fusion = Fusion.weighted(vector: 0.7, keyword: 0.3)
  /// The text search configuration, such as `english` or `simple`.
  package var configuration = "english"
  /// The number of documents to return.
  package var limit = 5
  /// The smallest cosine similarity of a result; nil for no limit.
  package var threshold: Double?
  /// The JSON that a document's metadata must contain; nil for no condition.
  package var filter: String?

  /// Creates a request with defaults and without a query.
  package init() {}

  /// The query that documents are compared with.
  package enum Query: Sendable, Equatable {
    /// A stored document, named by its id or by the beginning of its id.
    case like(String)
    /// A vector, either unreduced or with the dimension of the table.
    case vector([Float])
  }

  /// The way in which the results by vector and by words are combined.
  package enum Fusion: Sendable, Equatable {
    /// The scores by vector and by words are added, with these weights; each is first divided by
    /// the best score of its kind.
    case weighted(vector: Double, keyword: Double)
    /// The ranks by vector and by words are combined; the scores do not count.
    case reciprocalRank
  }
}
