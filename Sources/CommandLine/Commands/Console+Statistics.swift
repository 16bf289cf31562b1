internal import Embedding
internal import Ledger
internal import Messages
internal import Postgres
internal import StoreEmbedding

extension Console {
  /// Adds a run's use of a service to `embedding_cache_stats`, where the database has it; a failure
  /// is a warning, because the run itself is done.
  func addStatistics(_ usage: EmbeddingUsage?, connect: () throws -> Connection) {
    guard let usage, usage.requests + usage.reused > 0 else { return }
    do {
      try EmbeddingStatistics(on: try connect()).add(usage)
    } catch {
      let cause = Failure(error)
      diagnostics.warn("embedding_cache_stats was not filled: \(cause.reason)")
    }
  }
}
