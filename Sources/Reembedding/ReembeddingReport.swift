public import Ledger
public import Embedding

/// What waits to be embedded.
public struct ReembeddingSurvey: Sendable, Equatable {
  /// Contents with chunks that have no embedding.
  public let contents: Int
  /// Those chunks.
  public let chunks: Int
  /// The bytes of their texts.
  public let bytes: Int
  /// Contents that failed before and are left alone.
  public let failedBefore: Int
  /// Contents that lack embeddings and are left alone: they have no chunk yet, or their state says
  /// that they do not wait.
  public let notEmbedded: Int
  /// The dimensions that the column takes.
  public let dimensions: Int

  /// The tokens that the texts may come to.
  public var estimatedTokens: Int { EmbeddingPrice.estimatedTokens(ofBytes: bytes) }
}

/// What a run has done.
public struct ReembeddingReport: Sendable, Equatable {
  /// One content that could not be embedded.
  public struct FailedContent: Sendable, Equatable {
    /// Its number.
    public let id: Int
    /// Where its text comes from.
    public let source: String
    /// Why, without its text.
    public let reason: String
  }

  /// What waited at the beginning.
  public let survey: ReembeddingSurvey
  /// Contents that are complete now.
  public internal(set) var completed = 0
  /// Chunks that have an embedding now.
  public internal(set) var chunks = 0
  /// Contents that failed.
  public internal(set) var failed: [FailedContent] = []
  /// Contents that other processes work on, or whose texts were changed meanwhile.
  public internal(set) var left = 0
  /// What was asked of the service.
  public internal(set) var usage = EmbeddingUsage()
  /// What ended the run before its end; nil where it came to it.
  public internal(set) var obstacle: Failure?
  /// What became of the index.
  public internal(set) var index = IndexResult.notAsked

  init(survey: ReembeddingSurvey) { self.survey = survey }
}

/// What happens while a run goes on.
public enum ReembeddingEvent {
  /// So many chunks wait, and the service has shown that it can do them.
  case beginning(ReembeddingSurvey)
  /// So many chunks are done, or have failed.
  case progress(chunks: Int)
  /// A content failed.
  case failed(ReembeddingReport.FailedContent)
}
