internal import Layouts
package import Postgres
internal import OwnSchema

/// Measures searches through an index with different settings, and recommends one of the settings.
package struct IndexTuning {
  let facts: TableFacts
  let connection: Connection
  let observe: (IndexEvent) -> Void

  /// The operator's request for a recommendation.
  package struct Request: Sendable {
    /// The recall@10 that the recommended setting must reach.
    package var recall = 0.99
    /// The number of stored vectors that are searched for in each measurement.
    package var queries = 50
    /// True where the recommended setting is written into the search functions.
    package var applies = false

    /// Creates a request with the default values.
    package init() {}
  }

  /// The measured qualities, and the recommended setting.
  package struct Outcome: Sendable {
    /// The index that was measured.
    package let index: TableIndex
    /// The measured quality with each setting, the smallest setting first.
    package let qualities: [SearchQuality]
    /// The quality with the smallest setting that reaches the requested recall, or with the setting
    /// that has the best recall.
    package let recommended: SearchQuality
    /// True where the recommended setting reaches the requested recall.
    package let isReached: Bool
    /// The remedy where no setting reaches the requested recall; nil otherwise.
    package let remedy: String?
    /// The search functions that now have the recommended setting; empty where nothing was written.
    package let applied: [String]
  }

  /// Creates a tuning of the table's index in the session `connection`.
  package init(
    table: QualifiedName, on connection: Connection,
    observe: @escaping (IndexEvent) -> Void = { _ in }
  ) throws {
    facts = try TableFacts.read(connection, table: table)
    self.connection = connection
    self.observe = observe
  }

  /// Measures, recommends a setting, and writes it into the search functions where that is
  /// requested.
  package func run(_ request: Request) throws -> Outcome {
    try facts.requireMeasurable()
    let serving = try IndexCatalogue(facts, connection: connection).serving()
    guard let index = serving.first else {
      throw SchemaError(
        "\(facts.table.name) has no index to tune",
        remedy: "build one with: vector-ferry index build")
    }
    guard serving.count == 1 else {
      throw SchemaError(
        "\(facts.table.name) has \(serving.count) indexes for the same searches",
        remedy: "finish the conversion with vector-ferry index convert, or drop one of the indexes")
    }
    observe(.measuring(index.name.name.name))
    let trial = SearchTrial(facts: facts, connection: connection, queries: request.queries)
    let measured = try trial.run([(index, SearchSetting.candidates(index.parameters))])
    guard let qualities = measured[0], let best = Self.best(qualities, recall: request.recall)
    else {
      throw SchemaError(
        "searches do not use \(index.name.name)",
        remedy: "run ANALYZE \(facts.table.name.quoted), and see: vector-ferry index status")
    }
    let isReached = best.reaches(request.recall)
    let functions = SearchFunctions(connection: connection)
    if request.applies, isReached { try requireFunctions(functions, for: best.setting) }
    // A setting that does not reach the recall would only make searches slower.
    let applied =
      request.applies && isReached
      ? try functions.apply(best.setting, for: facts) : []
    return Outcome(
      index: index, qualities: qualities, recommended: best, isReached: isReached,
      remedy: isReached ? nil : Self.remedy(index, best), applied: applied)
  }

  private func requireFunctions(
    _ functions: SearchFunctions, for setting: SearchSetting
  ) throws {
    if try functions.all().isEmpty {
      throw SchemaError(
        "there are no search functions in schema vector_ferry to write \(setting.description) into",
        remedy: "vector-ferry migrate makes them")
    }
    guard try functions.search(facts.table) else {
      throw SchemaError(
        "the search functions do not search \(facts.table.name), so they do not get the setting "
          + "for its index",
        remedy: "in each session that searches the table, run: SET \(setting.description)")
    }
  }

  private static func remedy(_ index: TableIndex, _ best: SearchQuality) -> String {
    let found = "\((best.recall * 1000 + 1e-6).rounded(.down) / 1000)"
    let less =
      "accept the recall that was reached: vector-ferry index tune --recall \(found) --apply"
    guard let denser = index.parameters.denser else { return less }
    return "\(index.rebuilding(with: denser)), then tune again; the index has "
      + "\(index.parameters.description). Or \(less)"
  }

  private static func best(_ qualities: [SearchQuality], recall: Double) -> SearchQuality? {
    qualities.first { $0.reaches(recall) } ?? qualities.max { $0.recall < $1.recall }
  }
}
