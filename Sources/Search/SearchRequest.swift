/// A search within one user's collection.
package struct SearchRequest: Sendable, Equatable {
  /// The user whose documents are searched; nil where a stored document names the user.
  package var user: String?
  /// The collection of the user; nil where a stored document names the collection.
  package var collection: String?
  /// The query that documents are compared with; nil for a search by words alone.
  package var query: Query?
  /// The words to search for in addition; nil for a search by vectors alone.
  package var words: String?
  /// How the orders by vector and by words are combined.
  package var fusion = Fusion.weighted(vector: 0.7, keyword: 0.3)
  /// The text search configuration, such as `english` or `simple`.
  package var configuration = "english"
  /// How many documents to return.
  package var limit = 5
  /// The smallest cosine of a result; nil for no limit.
  package var threshold: Double?
  /// The JSON that a document's metadata must contain; nil for no condition.
  package var filter: String?

  /// Creates a request with defaults and without a query.
  package init() {}

  /// The query that documents are compared with.
  package enum Query: Sendable, Equatable {
    /// A stored document, by its id or the beginning of it.
    case like(String)
    /// A vector, unreduced or of the dimension of the table.
    case vector([Float])
  }

  /// How the orders by vector and by words are combined.
  package enum Fusion: Sendable, Equatable {
    /// The scores are added, each divided by the best score of its kind.
    case weighted(vector: Double, keyword: Double)
    /// Ranks are combined, without scores.
    case reciprocalRank
  }
}
