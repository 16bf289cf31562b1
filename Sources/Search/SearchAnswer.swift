/// What a search has found, best first.
public struct SearchAnswer: Sendable, Equatable {
  /// Whose documents were searched.
  public var user: String
  /// Which collection.
  public var collection: String
  /// The whole id of the document that the others are like; nil for other searches.
  public var likeness: String?
  /// The documents.
  public var documents: [Document]

  /// One document.
  public struct Document: Sendable, Equatable {
    /// Its id, 8, 4, 4, 4 and 12 hexadecimal digits.
    public var id: String
    /// Its text.
    public var text: String
    /// Its metadata as JSON.
    public var metadata: String
    /// The cosine with the query; nil where words alone were searched for.
    public var similarity: Double?
    /// What a search by words as well adds.
    public var hybrid: Hybrid?
  }

  /// How a document came into the answer of a hybrid search.
  public struct Hybrid: Sendable, Equatable {
    /// Its rank by words, 1 for the best.
    public var keywordRank: Double
    /// The score that the order is by.
    public var score: Double
    /// `vector`, `keyword` or `hybrid`: which of the two orders had it.
    public var source: String
  }
}
