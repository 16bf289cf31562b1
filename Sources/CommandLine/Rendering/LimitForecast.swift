internal import Messages
internal import Embedding
internal import Migration
internal import StoreEmbedding

/// The limit of cost that a live run would reach, or may reach, as a dry run foresees it.
///
/// The cost of earlier requests of the day is not counted.
struct LimitForecast {
  /// The lowest limit.
  let limit: CostLimit
  /// True where even the expected cost exceeds the limit; false where only the highest one does.
  let stopsRun: Bool

  /// Compares the cost of a plan's texts with the limits; nil where no limit is below the highest
  /// cost, and in a live run.
  init?(_ plan: MigrationPlan, _ options: MigrationOptions) {
    guard let texts = plan.texts, let price = options.newVectors?.settings.price,
      let limit = [price.run, price.daily].compactMap(\.self).min(by: { $0.dollars < $1.dollars }),
      let bound = price.cost(ofTokens: texts.mostTokens), bound > limit.dollars
    else { return nil }
    let tokens = EmbeddingPrice.estimatedTokens(ofBytes: texts.bytes)
    self.limit = limit
    stopsRun = price.cost(ofTokens: tokens).map { $0 > limit.dollars } ?? false
  }

  /// The limit, and what exceeds it.
  var words: Message {
    "the limit \(limit.name), \(dollars(limit.dollars)), because the "
      + (stopsRun ? "expected cost exceeds it" : "cost may exceed it")
  }
}
