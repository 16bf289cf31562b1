import Foundation
import SQLite
import TestSupport
import Testing

@testable import Embedding

/// Tests the limit of costs, and the counting of costs.
@Suite(.enabled(if: EmbeddingService.isAvailable, "no Python to run the service"))
struct CostTests {
  /// Creates an embedder for which one token costs one cent.
  private func embedder(
    _ service: EmbeddingService, _ cache: EmbeddingCache, most: Double, concurrency: Int = 4
  ) throws -> Embedder {
    var choice = EmbeddingSettings.Choice(dimensions: 8)
    (choice.price, choice.mostCost, choice.concurrency) = (10_000, most, concurrency)
    return Embedder(
      try EmbeddingSettings(choice, environment: service.asOpenAI()), cache: cache,
      policy: RetryPolicy(attempts: 3, firstPause: 0.01, longestPause: 0.02))
  }

  private static func texts(_ range: Range<Int>) -> [LabelledText] {
    range.map { LabelledText("row \($0)", "\($0) \(String(repeating: "x", count: 16))") }
  }

  @Test func `the limit of a run is never passed, with many requests under way`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    try service.answerUsually(#"{"delay": 0.02}"#)
    // 128 texts have 256 tokens for the service; the estimate in advance is up to about 4,600
    // tokens, $46.
    let embedder = try embedder(service, cache, most: 60)
    let error = #expect(throws: EmbeddingError.self) { try embedder.embed(Self.texts(0..<12_800)) }
    #expect(error?.kind == .budget && error?.problem.contains("this run's $") == true)
    #expect(error?.problem.contains("exceed --max-cost, which is $60.00") == true)
    let cost = try #require(embedder.usage.cost)
    #expect(cost <= 60 && cost > 10, "\(cost)")
    // Requests are sent one at a time, because the limit is too small for two.
    #expect(try service.questions.map(\.underWay).max() == 1)
    // The costs of an earlier run do not count for the next run.
    let again = try self.embedder(service, cache, most: 60)
    #expect(throws: EmbeddingError.self) { try again.embed(Self.texts(0..<12_800)) }
    #expect(try #require(again.usage.cost) > 10 && again.usage.cached > 0)
  }

  @Test func `two processes keep to one limit together`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    try service.answerUsually(#"{"delay": 0.02}"#)
    let runs = try (0..<2).map { _ in
      try embedder(service, EmbeddingCache(directory: folder.path), most: 100)
    }
    // Each run reads the spent amount before it sends its first request.
    for (place, run) in runs.enumerated() { _ = try run.embed(Self.texts(place..<place + 1)) }
    for (place, run) in runs.enumerated() {
      let begin = 10_000 * (place + 1)
      let error = #expect(throws: EmbeddingError.self) {
        try run.embed(Self.texts(begin..<begin + 5_000))
      }
      #expect(error?.kind == .budget)
    }
    let spent = runs.compactMap(\.usage.cost).reduce(0, +)
    #expect(spent <= 100 && spent > 40, "\(spent)")
    #expect(try #require(runs[1].usage.cost) < 10)
  }

  @Test func `money for a request that nobody answered stays counted, that of a refused one not`()
    throws
  {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let mark = try cache.mark()
    let run = try embedder(service, cache, most: 60, concurrency: 1)
    try service.plan(
      #"[{"status": 429, "body": ""}, {"status": 500, "body": ""}, {"tokens": 7}]"#)
    _ = try run.embed(Self.texts(0..<1))
    #expect(abs(try cache.spent(since: mark) - 0.07) < 1e-9)
    #expect(run.usage.requests == 3 && run.usage.retries == 2)
    try service.plan(#"[{"cut": 0}, {"tokens": 7}]"#)
    _ = try run.embed(Self.texts(1..<2))
    // The estimate is for 18 bytes and for the tokens that a service may add.
    #expect(abs(try cache.spent(since: mark) - 0.14 - 0.34) < 1e-9)
  }

  @Test func `tokens that the service does not count cost as many as there can be`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let mark = try cache.mark()
    let run = try embedder(service, cache, most: 60)
    try service.plan(#"[{"wrong": "usage"}]"#)
    // 18 bytes, and what a service may add to them; six tokens are likely.
    _ = try run.embed(Self.texts(1..<2))
    #expect(abs(try cache.spent(since: mark) - 0.34) < 1e-9)
    #expect(abs(try #require(run.usage.cost) - 0.34) < 1e-9)
    #expect(run.usage.tokens == 6 && run.usage.estimatedTokens == 6)
  }

  @Test func `the word that shows the dimension counts for the limit of its run`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    try service.plan(#"[{"tokens": 50}]"#)
    let first = try embedder(service, cache, most: 0.8)
    _ = try first.dimensions()
    let second = try embedder(service, cache, most: 0.8)
    second.goOn(after: first.requests)
    #expect(second.usage.cost == 0.5 && second.usage.requests == 1)
    let error = #expect(throws: EmbeddingError.self) { try second.embed(Self.texts(1..<2)) }
    #expect(error?.problem.contains("this run's $0.50 and the next request's $0.34") == true)
    #expect(try service.questions.count == 1)
  }

  @Test func `who asks anew pays, and leaves the vectors in the cache as they are`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let text = Self.texts(1..<2)
    let usual = try embedder(service, cache, most: 60).embed(text)
    try service.answerUsually(#"{"wrong": "model", "tokens": 9}"#)
    let settings = try embedder(service, cache, most: 60).settings
    let mark = try cache.mark()
    let anew = Embedder(settings, cache: cache, asksAnew: true)
    #expect(try anew.embed(text) != usual)
    #expect(abs(try cache.spent(since: mark) - 0.09) < 1e-9)
    #expect(try embedder(service, cache, most: 60).embed(text) == usual)
    #expect(try service.questions.count == 2)
  }

  @Test func `a file of the first version is taken over with its vectors and its reservations`()
    throws
  {
    let folder = try TemporaryDirectory("cache")
    let path = folder.file("embeddings.sqlite")
    let settings = try EmbeddingSettings(
      .init(provider: .ollama, model: "m"), environment: ["OLLAMA_HOST": "h"])
    let key = try EmbeddingKey("text", settings.origin)
    do {
      let cache = try EmbeddingCache(directory: folder.path)
      try cache.keep([(key, [1, 2])]) {}
      try cache.database.execute(
        """
        DROP TABLE reservations;
        CREATE TABLE reservations (id INTEGER PRIMARY KEY, day TEXT NOT NULL, cost REAL NOT NULL);
        INSERT INTO reservations VALUES (7, date('now'), 0.5);
        PRAGMA user_version = 1
        """)
    }
    let cache = try EmbeddingCache(directory: folder.path)
    #expect(try cache.vector(key) == [1, 2] && cache.spentToday() == 0.5)
    #expect(try cache.mark() == EmbeddingCache.Mark(spent: 0, reservation: 7))
    try cache.release(7)
    #expect(try cache.reserve(1, within: EmbeddingPrice(), since: cache.mark()) == 8)
    #expect(try Database(path: path, mode: .readWrite).userVersion() == 2)
  }

  @Test func `a limit needs a price`() throws {
    var choice = EmbeddingSettings.Choice(provider: .ollama, model: "own")
    choice.mostCost = 1
    let error = #expect(throws: EmbeddingError.self) {
      try EmbeddingSettings(choice, environment: [:])
    }
    #expect(error?.problem == "--max-cost is set, and the price of own is not known")
    choice.price = 0.5
    choice.mostDailyCost = 3
    let price = try EmbeddingSettings(choice, environment: [:]).price
    #expect(price.perMillionTokens == 0.5 && price.daily?.dollars == 3 && price.isLimited)
    let named = try EmbeddingSettings(
      .init(provider: .gemini, model: "gemini-embedding-001"),
      environment: ["GEMINI_API_KEY": "fake-key", "EMBEDDING_MAX_DAILY_COST": "2"]
    ).price
    #expect(named.daily == CostLimit(dollars: 2, name: "EMBEDDING_MAX_DAILY_COST"))
  }
}
