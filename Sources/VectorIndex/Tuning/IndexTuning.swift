public import Postgres
internal import Schema

/// Measures an index over its search settings and recommends one.
public struct IndexTuning {
  let facts: TableFacts
  let connection: Connection
  let observe: (IndexEvent) -> Void

  /// What was asked for.
  public struct Request: Sendable {
    /// The recall@10 that the recommended setting has to reach.
    public var recall = 0.99
    /// How many stored vectors are searched for.
    public var queries = 50
    /// Whether the recommendation is written into the search functions.
    public var applies = false

    /// The defaults.
    public init() {}
  }

  /// What was measured, and what follows.
  public struct Outcome: Sendable {
    /// The index.
    public let index: TableIndex
    /// Each setting, in ascending order.
    public let qualities: [SearchQuality]
    /// The least setting that reaches the recall; else the one with the best.
    public let recommended: SearchQuality
    /// The recall was reached.
    public let isReached: Bool
    /// The functions that carry the recommendation now.
    public let applied: [String]
  }

  /// A tuning of the table's index on `connection`.
  public init(
    table: QualifiedName, on connection: Connection,
    observe: @escaping (IndexEvent) -> Void = { _ in }
  ) throws {
    facts = try TableFacts.read(connection, table: table)
    self.connection = connection
    self.observe = observe
  }

  /// Measures, recommends, and writes where that was asked for.
  public func run(_ request: Request) throws -> Outcome {
    let serving = try IndexCatalogue(facts, connection: connection).serving()
    guard let index = serving.first else {
      throw SchemaError(
        "\(facts.table.name) has no index to tune", remedy: "vector-ferry index build makes one")
    }
    guard serving.count == 1 else {
      throw SchemaError(
        "\(facts.table.name) has \(serving.count) indexes for the same searches",
        remedy: "finish with vector-ferry index convert, or drop one")
    }
    observe(.measuring(index.name.name.name))
    let trial = SearchTrial(facts: facts, connection: connection, queries: request.queries)
    let measured = try trial.run([(index, SearchSetting.candidates(index.parameters))])
    guard let qualities = measured[0], let best = Self.best(qualities, recall: request.recall)
    else {
      throw SchemaError(
        "searches do not use \(index.name.name)",
        remedy: "ANALYZE \(facts.table.name.quoted), and look at index status")
    }
    let functions = SearchFunctions(connection: connection)
    let applied =
      request.applies ? try functions.apply(best.setting, vectorSchema: facts.vectorSchema) : []
    return Outcome(
      index: index, qualities: qualities, recommended: best,
      isReached: best.recall >= request.recall, applied: applied)
  }

  private static func best(_ qualities: [SearchQuality], recall: Double) -> SearchQuality? {
    qualities.first { $0.recall >= recall } ?? qualities.max { $0.recall < $1.recall }
  }
}
