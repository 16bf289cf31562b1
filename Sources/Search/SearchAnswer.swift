/// The results of a search, the best first.
package struct SearchAnswer: Sendable, Equatable {
  /// The user whose documents were searched.
  package var user: String
  /// The collection that was searched.
  package var collection: String
  /// The whole id of the document that the results are compared with; nil for other searches.
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
    /// The cosine with the query; nil where the search was by words alone.
    package var similarity: Double?
    /// The ranks of a hybrid search; nil for other searches.
    package var hybrid: Hybrid?
  }

  /// How a hybrid search found a document and ranked it.
  package struct Hybrid: Sendable, Equatable {
    /// The rank by words, as a share of the best document's rank, which is 1.
    package var keywordRank: Double
    /// The score by which the results are sorted.
    package var score: Double
    /// The search that found the document: `vector`, `keyword` or `hybrid` for both.
    package var source: String
  }
}
