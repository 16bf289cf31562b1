package import Ledger
package import Embedding

/// The texts that need embeddings.
package struct ReembeddingSurvey: Sendable, Equatable {
  /// The number of contents with chunks that have no embedding.
  package let contents: Int
  /// The number of chunks without an embedding.
  package let chunks: Int
  /// The size of the chunks' texts in bytes.
  package let bytes: Int
  /// The number of contents that failed in earlier runs and are not tried again.
  package let failedBefore: Int
  /// The number of contents that lack embeddings but that a run does not embed: they have no chunk
  /// yet, or a state other than pending, processing and failed.
  package let notEmbedded: Int
  /// The number of dimensions of the column of embeddings.
  package let dimensions: Int

  /// The estimated number of tokens in the texts.
  package var estimatedTokens: Int { EmbeddingPrice.estimatedTokens(ofBytes: bytes) }
}

/// The result of a run of `reembed`.
package struct ReembeddingReport: Sendable, Equatable {
  /// A content that could not be embedded.
  package struct FailedContent: Sendable, Equatable {
    /// The content's id.
    package let id: Int
    /// The path that the content's text comes from.
    package let source: String
    /// The reason why the content failed; it does not contain the text.
    package let reason: String
  }

  /// The texts that needed embeddings when the run began.
  package let survey: ReembeddingSurvey
  /// The number of contents that this run has completed.
  package internal(set) var completed = 0
  /// The number of chunks that this run has written embeddings for.
  package internal(set) var chunks = 0
  /// The contents that failed.
  package internal(set) var failed: [FailedContent] = []
  /// The number of contents that were left to other processes, or that were not completed because
  /// their texts changed.
  package internal(set) var left = 0
  /// The use of the embedding service: texts, tokens and requests.
  package internal(set) var usage = EmbeddingUsage()
  /// The failure that stopped the run; nil where the run ended by itself.
  package internal(set) var obstacle: Failure?
  /// The result of building the index.
  package internal(set) var index = IndexResult.notAsked

  init(survey: ReembeddingSurvey) { self.survey = survey }
}

/// An event during a run of `reembed`.
package enum ReembeddingEvent {
  /// The run begins with these texts; the service was checked.
  case beginning(ReembeddingSurvey)
  /// More chunks were handled (embedded, refused or skipped); the value is their number.
  case progress(chunks: Int)
  /// A content failed.
  case failed(ReembeddingReport.FailedContent)
}
