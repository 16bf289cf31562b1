/// A search within one user's collection.
package struct SearchRequest: Sendable, Equatable {
  /// Whose documents; nil where a stored document says it.
  package var user: String?
  /// Which of the user's collections; nil where a stored document says it.
  package var collection: String?
  /// What documents are compared with; nil where words alone are searched for.
  package var query: Query?
  /// What is searched for by words as well; nil for a search by vectors alone.
  package var words: String?
  /// How both orders become one.
  package var fusion = Fusion.weighted(vector: 0.7, keyword: 0.3)
  /// The text search configuration, such as `english` or `simple`.
  package var configuration = "english"
  /// How many documents are wanted.
  package var limit = 5
  /// The cosine below which a document is not like the query; nil for none.
  package var threshold: Double?
  /// What a document's metadata must contain, as JSON; nil for anything.
  package var filter: String?

  /// A search for nothing yet.
  package init() {}

  /// What documents are compared with.
  package enum Query: Sendable, Equatable {
    /// A stored document, by its id or the beginning of it.
    case like(String)
    /// A vector, unreduced or as the table has them.
    case vector([Float])
  }

  /// How the orders by vector and by words become one.
  package enum Fusion: Sendable, Equatable {
    /// By scores, each divided by the best of its kind.
    case weighted(vector: Double, keyword: Double)
    /// By places alone.
    case reciprocalRank
  }
}
