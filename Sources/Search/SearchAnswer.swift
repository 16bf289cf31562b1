/// What a search has found, best first.
package struct SearchAnswer: Sendable, Equatable {
  /// Whose documents were searched.
  package var user: String
  /// Which collection.
  package var collection: String
  /// The whole id of the document that the others are like; nil for other searches.
  package var likeness: String?
  /// The documents.
  package var documents: [Document]

  /// One document.
  package struct Document: Sendable, Equatable {
    /// Its id, 8, 4, 4, 4 and 12 hexadecimal digits.
    package var id: String
    /// Its text.
    package var text: String
    /// Its metadata as JSON.
    package var metadata: String
    /// The cosine with the query; nil where words alone were searched for.
    package var similarity: Double?
    /// What a search by words as well adds.
    package var hybrid: Hybrid?
  }

  /// How a document came into the answer of a hybrid search.
  package struct Hybrid: Sendable, Equatable {
    /// Its rank by words, 1 for the best.
    package var keywordRank: Double
    /// The score that the order is by.
    package var score: Double
    /// `vector`, `keyword` or `hybrid`: which of the two orders had it.
    package var source: String
  }
}
