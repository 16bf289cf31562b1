/// The results of a search; the best result comes first.
package struct SearchAnswer: Sendable, Equatable {
  /// The user whose documents were searched.
  package var user: String
  /// The collection that was searched.
  package var collection: String
  /// The full id of the stored document that was the query; nil for other searches.
  package var likeID: String?
  /// The documents that were found.
  package var documents: [Document]

  /// One document of the answer.
  package struct Document: Sendable, Equatable {
    /// The id of the document: 8, 4, 4, 4 and 12 hexadecimal digits.
    package var id: String
    /// The text of the document.
    package var text: String
    /// The metadata of the document as JSON.
    package var metadata: String
    /// The cosine similarity to the query; nil where the search was by words alone.
    package var similarity: Double?
    /// The ranks of a hybrid search; nil for other searches.
    package var hybrid: Hybrid?
  }

  /// The facts about a document that a hybrid search has found and ranked.
  package struct Hybrid: Sendable, Equatable {
    /// The rank by words, as a share of the rank of the best document.
    package var keywordRank: Double
    /// The score by which the results are sorted.
    package var score: Double
    /// The search that found the document: `vector`, `keyword`, or `hybrid` where both have found
    /// it.
    package var source: String
  }
}
