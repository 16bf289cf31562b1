package import Ledger
package import Embedding

/// What waits to be embedded.
package struct ReembeddingSurvey: Sendable, Equatable {
  /// Contents with chunks that have no embedding.
  package let contents: Int
  /// Those chunks.
  package let chunks: Int
  /// The bytes of their texts.
  package let bytes: Int
  /// Contents that failed before and are left alone.
  package let failedBefore: Int
  /// Contents that lack embeddings and are left alone: they have no chunk yet, or their state says
  /// that they do not wait.
  package let notEmbedded: Int
  /// The dimensions that the column takes.
  package let dimensions: Int

  /// The tokens that the texts may come to.
  package var estimatedTokens: Int { EmbeddingPrice.estimatedTokens(ofBytes: bytes) }
}

/// What a run has done.
package struct ReembeddingReport: Sendable, Equatable {
  /// One content that could not be embedded.
  package struct FailedContent: Sendable, Equatable {
    /// Its number.
    package let id: Int
    /// Where its text comes from.
    package let source: String
    /// Why, without its text.
    package let reason: String
  }

  /// What waited at the beginning.
  package let survey: ReembeddingSurvey
  /// Contents that are complete now.
  package internal(set) var completed = 0
  /// Chunks that have an embedding now.
  package internal(set) var chunks = 0
  /// Contents that failed.
  package internal(set) var failed: [FailedContent] = []
  /// Contents that other processes work on, or whose texts were changed meanwhile.
  package internal(set) var left = 0
  /// What was asked of the service.
  package internal(set) var usage = EmbeddingUsage()
  /// What ended the run before its end; nil where it came to it.
  package internal(set) var obstacle: Failure?
  /// What became of the index.
  package internal(set) var index = IndexResult.notAsked

  init(survey: ReembeddingSurvey) { self.survey = survey }
}

/// What happens while a run goes on.
package enum ReembeddingEvent {
  /// So many chunks wait, and the service has shown that it can do them.
  case beginning(ReembeddingSurvey)
  /// So many chunks are done, or have failed.
  case progress(chunks: Int)
  /// A content failed.
  case failed(ReembeddingReport.FailedContent)
}
