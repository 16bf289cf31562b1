import Foundation
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import Embedding

/// Tests the whole way from texts to vectors, with a real service on loopback.
@Suite(.enabled(if: EmbeddingService.isAvailable, "no Python to run the service"))
struct EmbedderTests {
  private static let quick = RetryPolicy(
    attempts: 4, firstPause: 0.01, longestPause: 0.05, longestRequested: 2)

  private func embedder(
    _ service: EmbeddingService, _ environment: [String: String]? = nil,
    cache: EmbeddingCache? = nil, choice: EmbeddingSettings.Choice = .init(),
    concurrency: Int = 1, timeouts: HTTPClient.Timeouts = .init(),
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) throws -> Embedder {
    var choice = choice
    choice.concurrency = concurrency
    return Embedder(
      try EmbeddingSettings(choice, environment: environment ?? service.asOpenAI()), cache: cache,
      policy: Self.quick, timeouts: timeouts, isInterrupted: isInterrupted, observe: observe)
  }

  private static func labelled(_ texts: [String]) -> [LabelledText] {
    texts.enumerated().map { LabelledText("row \($0)", $1) }
  }

  private func vector(_ outcome: EmbeddingOutcome) -> [Float]? {
    if case .vector(let vector) = outcome { vector } else { nil }
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { $0 * $1 }.reduce(0, +)
  }

  @Test func `both services are asked as they want to be, and texts with common words are near`()
    throws
  {
    let service = try EmbeddingService()
    let texts = Self.labelled([
      "the tide table", "a \"tide\"\n\u{1F600} table", "quite other words",
    ])
    for (environment, path) in [
      (service.asOpenAI(), "/v1/embeddings"), (service.asOllama(), "/api/embed"),
    ] {
      let embedder = try embedder(service, environment)
      let vectors = try embedder.embed(texts).compactMap(vector)
      #expect(vectors.map(\.count) == [32, 32, 32])
      #expect(Self.cosine(vectors[0], vectors[1]) > Self.cosine(vectors[0], vectors[2]) + 0.3)
      let question = try #require(try service.questions.last)
      #expect(question.path == path && question.texts == texts.map(\.text))
      #expect(question.dimensions == nil)
      #expect(embedder.usage.tokens > 5 && embedder.usage.questions == 1)
    }
    #expect(
      try service.questions.map(\.authorization) == ["Bearer sk-fake-0123456789-not-a-key", nil])
  }

  @Test func `dimensions that are asked for are asked of the service`() throws {
    let service = try EmbeddingService()
    let embedder = try embedder(service, choice: .init(dimensions: 8))
    #expect(try embedder.dimensions() == 8)
    #expect(try service.questions[0].dimensions == 8)
  }

  @Test func `many texts go in batches over one connection, equal ones once`() throws {
    let service = try EmbeddingService()
    let texts = Self.labelled((0..<300).map { "text \($0 % 290)" })
    let outcomes = try embedder(service).embed(texts)
    #expect(outcomes[5] == outcomes[295] && Set(outcomes.compactMap(vector)).count == 290)
    let questions = try service.questions
    #expect(questions.map(\.texts.count) == [128, 128, 34])
    #expect(Set(questions.map(\.connection)) == [1])
    let long = Self.labelled((0..<3).map { "\($0)" + String(repeating: " x", count: 90_000) })
    _ = try embedder(service).embed(long)
    #expect(try service.questions.dropFirst(3).map(\.texts.count) == [1, 1, 1])
  }

  @Test func `an answer in odd pieces, byte by byte or in another order is the same answer`() throws
  {
    let service = try EmbeddingService()
    let texts = Self.labelled(["one", "two words", "three more words"])
    let good = try embedder(service).embed(texts)
    for step in [
      #"{"pieces": [1, 2, 3, 500, 7]}"#, #"{"pieces": [1]}"#, #"{"drip": true}"#,
      #"{"wrong": "shuffled"}"#, #"{"unbounded": true}"#,
    ] {
      try service.plan("[\(step)]")
      #expect(try embedder(service).embed(texts) == good, "\(step)")
    }
  }

  @Test func `an answer that is cut at any byte is asked for again`() throws {
    let service = try EmbeddingService()
    let good = try embedder(service).embed(Self.labelled(["one"]))
    // An answer has about 800 bytes; its head ends before the 90th.
    let places = Array(0..<90) + Array(stride(from: 90, to: 700, by: 37))
    let embedder = try embedder(service)
    for place in places {
      try service.plan(#"[{"cut": \#(place)}]"#)
      #expect(try embedder.embed(Self.labelled(["one"])) == good, "cut at \(place)")
    }
    #expect(try service.questions.count == 1 + 2 * places.count)
  }

  @Test func `a service that is busy is asked again after the time it names`() throws {
    let service = try EmbeddingService()
    try service.plan(
      #"[{"status": 429, "headers": {"Retry-After": "1"}, "body": "{}"}, {"status": 500, "body": "x"}, {"status": 503, "unbounded": true, "body": ""}]"#
    )
    var events: [EmbeddingEvent] = []
    let start = Date()
    let outcomes = try embedder(service, observe: { events.append($0) }).embed(Self.labelled(["a"]))
    #expect(vector(outcomes[0]) != nil && Date().timeIntervalSince(start) >= 1)
    #expect(events.count == 3)
    #expect(events.first == .retrying(attempt: 1, seconds: 1, reason: "status 429"))
  }

  @Test func `a service that says to come back at once gets a pause all the same`() throws {
    let service = try EmbeddingService()
    try service.plan(#"[{"status": 429, "headers": {"Retry-After": "0"}, "body": ""}]"#)
    var events: [EmbeddingEvent] = []
    let outcomes = try embedder(service, observe: { events.append($0) }).embed(Self.labelled(["a"]))
    #expect(vector(outcomes[0]) != nil)
    guard case .retrying(1, let seconds, _)? = events.first else {
      Issue.record("no retry")
      return
    }
    #expect(seconds >= 0.005)
  }

  @Test func `what does not help to ask again is not asked again`() throws {
    let cases: [(String, EmbeddingError.Kind, String, Int)] = [
      (
        #"{"status": 401, "body": {"error": {"message": "Incorrect key: sk-fake-0123456789-not-a-key"}}}"#,
        .refused, "the key is not accepted", 1
      ),
      (
        #"{"status": 403, "body": {"error": {"message": "no access"}}}"#, .refused,
        "status 403: no access", 1
      ),
      (
        #"{"status": 404, "body": {"error": {"message": "no model test-words"}}}"#, .refused,
        "status 404: no model", 1
      ),
      (
        #"{"status": 302, "headers": {"Location": "https://elsewhere.example/v1"}, "body": ""}"#,
        .refused, "redirects to https://elsewhere.example/v1, which is not followed", 1
      ),
      (
        #"{"status": 429, "body": {"error": {"message": "no credit", "code": "insufficient_quota"}}}"#,
        .refused, "no credit", 1
      ),
      (
        #"{"status": 429, "headers": {"Retry-After": "3600"}, "body": ""}"#, .unreachable,
        "asks to wait 3600 s", 1
      ),
      (
        #"{"status": 429, "headers": {"Retry-After": "1e300"}, "body": ""}"#, .unreachable,
        "asks to wait 1000000000 s", 1
      ),
      (
        #"{"status": 503, "headers": {"Retry-After": "99999999999999999999"}, "body": ""}"#,
        .unreachable, "asks to wait 1000000000 s", 1
      ),
      (#"{"raw": "SSH-2.0-OpenSSH\r\n"}"#, .unreachable, "no HTTP/1.1", 1),
      (#"{"body": "<html>"}"#, .answer, "not JSON", 1),
      (#"{"body": "{}"}"#, .answer, "no \"data\"", 1),
      (#"{"body": "[]", "close": true}"#, .answer, "no \"data\"", 1),
      (#"{"wrong": "count"}"#, .answer, "1 embeddings for 2 texts", 1),
      (#"{"wrong": "index"}"#, .answer, "\"index\" is missing, repeated", 1),
      (#"{"wrong": "dimensions"}"#, .answer, "vectors of 32 and of 31 dimensions at once", 1),
    ]
    for (step, kind, words, questions) in cases {
      let service = try EmbeddingService()
      try service.plan("[\(step)]")
      let error = #expect(throws: EmbeddingError.self) {
        try embedder(service).embed(Self.labelled(["one text", "another text"]))
      }
      #expect(
        error?.kind == kind && error?.problem.contains(words) == true,
        "\(step): \(String(describing: error))")
      #expect(error?.description.contains("sk-fake") == false)
      #expect(try service.questions.count == questions, "\(step)")
    }
    let service = try EmbeddingService()
    try service.plan(#"[{"status": 404, "body": {"error": "model 'words' not found"}}]"#)
    let error = #expect(throws: EmbeddingError.self) {
      try embedder(service, service.asOllama()).embed(Self.labelled(["a"]))
    }
    #expect(error?.description.contains("not found") == true)
    #expect(error?.remedy == "fetch the model with: ollama pull words:2")
    try service.plan(#"[{"status": 401, "body": ""}]"#)
    let locked = #expect(throws: EmbeddingError.self) {
      try embedder(service, service.asOllama()).embed(Self.labelled(["a"]))
    }
    #expect(locked?.remedy == "Ollama takes none: see what OLLAMA_HOST names")
  }

  @Test func `after the last attempt the reason is told`() throws {
    let service = try EmbeddingService()
    try service.plan(
      "[\(Array(repeating: #"{"status": 500, "body": ""}"#, count: 9).joined(separator: ","))]")
    let error = #expect(throws: EmbeddingError.self) {
      try embedder(service).embed(Self.labelled(["a"]))
    }
    #expect(error?.problem.hasSuffix("status 500, after 4 attempts") == true)
    #expect(try service.questions.count == 4)
  }

  @Test func `a text that the service does not want is found, and stops no other`() throws {
    let service = try EmbeddingService()
    var texts = (0..<40).map { "text \($0)" }
    texts[7] = "the seventh is UNWANTED here"
    texts[31] = "   \n"
    let outcomes = try embedder(service).embed(Self.labelled(texts))
    #expect(outcomes.filter { vector($0) != nil }.count == 38)
    guard case .refused(let reason) = outcomes[7], case .refused(let blank) = outcomes[31] else {
      Issue.record("not refused")
      return
    }
    #expect(reason.contains("status 400") && !reason.contains("seventh"), "\(reason)")
    #expect(blank.contains("white space"))
    try service.plan(
      #"[{"status": 500, "body": {"error": "the input length exceeds the context length"}}]"#)
    let long = try embedder(service, service.asOllama()).embed(Self.labelled(["too long"]))
    #expect(vector(long[0]) == nil)
  }

  @Test(arguments: [
    (#"{"wrong": "zero"}"#, 1, "the service answered a vector that contains only zeros"),
    (#"{"wrong": "null"}"#, 1, "numbers that are not finite"),
    (#"{"wrong": "large"}"#, 1, "numbers that are not finite"),
    (#"{"wrong": "long"}"#, 1, "a vector of length 1e+30, and pgvector cannot compare"),
    // The text is found by halves: the batch, the good half, the bad one.
    (#"{"wrong": "nan"}"#, 3, "NaN or Infinity in place of numbers"),
    (
      #"{"status": 500, "body": {"error": "json: unsupported value: NaN"}}"#, 3,
      "unsupported value: NaN"
    ),
  ])
  func `a vector that cannot be used is told as the service's fault, and stops no other text`(
    step: String, requests: Int, words: String
  ) throws {
    let service = try EmbeddingService()
    try service.plan("[\(([step] + (requests == 1 ? [] : ["{}", step])).joined(separator: ","))]")
    let outcomes = try embedder(service).embed(Self.labelled(["good", "bad"]))
    #expect(vector(outcomes[0]) != nil)
    guard case .unusable(let reason) = outcomes[1] else { Issue.record("\(outcomes[1])"); return }
    #expect(reason.contains(words), "\(reason)")
    #expect(try service.questions.count == requests)
    try service.answerUsually(step)
    let probe = #expect(throws: EmbeddingError.self) { try embedder(service).dimensions() }
    #expect(probe?.kind == .answer && probe?.problem.contains(words) == true)
    #expect(probe?.problem.contains("asked for the word \"ferry\"") == true)
    #expect(probe?.remedy?.contains("the model fails, not the text") == true)
    // A model that makes only such vectors is not asked, and paid, for every text.
    let before = try service.questions.count
    try service.answerUsually(step.replacing("\"wrong\"", with: "\"wrong_all\""))
    let all = #expect(throws: EmbeddingError.self) {
      try embedder(service).embed(Self.labelled((0..<2_000).map { "text \($0)" }))
    }
    #expect(all?.kind == .answer && all?.problem.contains("no vector that can be used") == true)
    #expect(try service.questions.count - before < 150)
  }

  @Test func `another number of dimensions is told with what the number was expected from`() throws
  {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    func error(_ cache: EmbeddingCache?, _ choice: EmbeddingSettings.Choice) -> EmbeddingError? {
      #expect(throws: EmbeddingError.self) {
        try embedder(service, cache: cache, choice: choice).embed(Self.labelled(["one", "two"]))
      }
    }
    try service.plan(
      #"[{"body": {"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1, 2]}]}}]"#
    )
    let asked = error(nil, .init(dimensions: 8))
    #expect(asked?.problem.contains("a vector of 2 dimensions where 8 were asked for") == true)
    #expect(asked?.remedy == "leave out --embedding-dimensions, or give 2")
    let cache = try EmbeddingCache(directory: folder.path)
    #expect(try embedder(service, cache: cache).dimensions() == 32)
    try service.answerUsually(#"{"dimensions": 16}"#)
    let changed = #expect(throws: EmbeddingError.self) {
      let later = try embedder(service, cache: cache)
      _ = try later.dimensions()
      _ = try later.embed(Self.labelled(["one"]))
    }
    #expect(changed?.problem.contains("another model answers under this name now") == true)
    #expect(changed?.remedy?.contains("embeddings.sqlite") == true)
    try service.plan(#"[{"wrong": "dimensions"}]"#)
    let mixed = error(nil, .init())
    #expect(mixed?.remedy?.contains("one model alone answers as test-words") == true)
  }

  @Test func `nothing of an answer with a wrong dimension is kept, the right ones are`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let texts = Self.labelled((0..<5).map { "text \($0)" })
    try service.plan(#"[{"wrong": "dimensions"}, {}, {"wrong": "dimensions"}, {}]"#)
    #expect(throws: EmbeddingError.self) { try embedder(service, cache: cache).embed(texts) }
    // Another embedder of the run expects the dimension of the first one.
    let first = try embedder(service, cache: cache)
    #expect(try first.dimensions() == 32)
    let second = try embedder(service, cache: cache)
    second.goOn(after: first.requests)
    let mixed = #expect(throws: EmbeddingError.self) { try second.embed(texts) }
    #expect(mixed?.problem.hasSuffix("31 dimensions at once; 32 were expected") == true)
    #expect(try embedder(service, cache: cache).embed(texts).compactMap(vector).count == 5)
    #expect(try service.questions.map(\.texts.count) == [5, 1, 5, 5])
    try service.answerUsually(#"{"dimensions": 16}"#)
    let third = try embedder(service, cache: nil)
    third.goOn(after: first.requests)
    let later = #expect(throws: EmbeddingError.self) { try third.embed(texts) }
    #expect(later?.problem.contains("vectors of 32 dimensions, then of 16") == true)
  }

  @Test func `vectors in the cache that cannot be used, or are of another dimension, are absent`()
    throws
  {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let texts = Self.labelled((0..<5).map { "text \($0)" })
    let first = try embedder(service, cache: cache)
    let good = try first.embed(texts)
    func put(_ vector: [Float], for text: LabelledText) throws {
      let key = try EmbeddingKey(text.text, first.settings.origin)
      try cache.keep([(key, vector)]) {}
    }
    try put([Float](repeating: 1e30, count: 32), for: texts[0])
    try put([1, 2], for: texts[3])
    let read = try CachedEmbeddings(first.settings.origin, directory: folder.path)
    #expect(try read.vector(of: texts[0].text) == nil)
    #expect(try embedder(service, cache: cache).embed(texts) == good)
    #expect(
      try service.questions.dropFirst().map(\.texts) == [[texts[0].text, texts[3].text]])
    #expect(try read.vector(of: texts[0].text) != nil)
  }

  @Test func `what is in the cache is not asked for again`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let texts = Self.labelled((0..<10).map { "canary text \($0)" })
    let first = try embedder(service, cache: EmbeddingCache(directory: folder.path)).embed(texts)
    let again = try embedder(service, cache: EmbeddingCache(directory: folder.path))
    #expect(try again.embed(texts + Self.labelled(["new"])).prefix(10) == first[...])
    #expect(again.usage.reused == 10)
    #expect(try service.questions.map(\.texts.count) == [10, 1])
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file(file)))
      for secret in ["canary", "sk-fake", "Bearer"] {
        #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file)")
      }
    }
  }

  @Test func `a batch that was paid for is kept, also where the next one fails`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let texts = Self.labelled((0..<200).map { "text \($0)" })
    try service.plan(#"[{}, {"status": 401, "body": ""}]"#)
    #expect(throws: EmbeddingError.self) {
      try embedder(service, cache: EmbeddingCache(directory: folder.path)).embed(texts)
    }
    _ = try embedder(service, cache: EmbeddingCache(directory: folder.path)).embed(texts)
    #expect(try service.questions.map(\.texts.count) == [128, 72, 72])
  }

  @Test func `a day's limit stops the run before the question that would pass it`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let environment = service.asOpenAI().merging(
      ["EMBEDDING_PRICE_PER_MILLION_TOKENS": "10", "OPENAI_MAX_DAILY_COST": "0.06"]) { $1 }
    try service.plan(#"[{"tokens": 2000}]"#)
    let embedder = try embedder(service, environment, cache: cache)
    _ = try embedder.embed(Self.labelled(["first"]))
    #expect(embedder.usage.tokens == 2000 && abs((embedder.usage.cost ?? 0) - 0.02) < 1e-9)
    let error = #expect(throws: EmbeddingError.self) {
      try embedder.embed(Self.labelled([String(repeating: "word ", count: 1000)]))
    }
    #expect(error?.kind == .budget && error?.problem.contains("today's $0.02") == true)
    #expect(try service.questions.count == 1)
    // On the next day, the limit allows requests again.
    try Database(path: cache.path, mode: .readWrite).execute(
      "UPDATE spending SET day = date('now', '-1 day')")
    _ = try embedder.embed(Self.labelled([String(repeating: "word ", count: 1000)]))
    #expect(try service.questions.count == 2)
    // Where an answer does not state its tokens, the program's own estimate counts.
    try service.plan(#"[{"wrong": "usage"}]"#)
    _ = try embedder.embed(Self.labelled(["123456789"]))
    #expect(embedder.usage.tokens == 2000 + 1000 + 3)
  }

  @Test func `counts of tokens that cannot be true are estimated instead`() throws {
    let service = try EmbeddingService()
    try service.plan(#"[{"tokens": 9223372036854775807}, {"tokens": -5}, {"tokens": 1e30}]"#)
    let embedder = try embedder(service)
    for text in ["123456789", "12345678", "1234567"] {
      _ = try embedder.embed(Self.labelled([text]))
    }
    #expect(embedder.usage.tokens == 9 && embedder.usage.questions == 3)
  }

  @Test func `money for a question that never left the machine is given back`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let limit = ["EMBEDDING_PRICE_PER_MILLION_TOKENS": "10", "OPENAI_MAX_DAILY_COST": "1"]
    func fail(at url: String) throws {
      let environment = service.asOpenAI().merging(limit.merging(["OPENAI_BASE_URL": url]) { $1 }) {
        $1
      }
      #expect(throws: EmbeddingError.self) {
        try embedder(service, environment, cache: cache).embed(Self.labelled(["a text"]))
      }
    }
    try service.speakFirst("HTTP/1.1 400 Bad Request\r\n\r\n")
    for url in [
      "https://nobody.invalid/v1", "https://127.0.0.1:1/v1", "https://127.0.0.1:\(service.port)/v1",
    ] {
      try fail(at: url)
      #expect(try cache.spentToday() == 0, "\(url)")
    }
    // This service has received the request, and it is not known whether the request was charged.
    let deaf = try EmbeddingService()
    try deaf.plan(#"[{"raw": "SSH-2.0-OpenSSH\r\n"}]"#)
    try fail(at: "\(deaf.url())/v1")
    #expect(try cache.spentToday() > 0)
  }

  @Test
  func `who does not answer in time is given up, and nobody waits for a service that is not there`()
    throws
  {
    let service = try EmbeddingService()
    try service.plan(#"[{"delay": 3}, {}]"#)
    var events: [EmbeddingEvent] = []
    let slow = try embedder(
      service, timeouts: HTTPClient.Timeouts(connecting: 5, answering: 1),
      observe: { events.append($0) })
    #expect(vector(try slow.embed(Self.labelled(["a"]))[0]) != nil)
    guard case .retrying(_, _, let reason) = events.first else {
      Issue.record("no retry")
      return
    }
    #expect(reason == "the answer took more than 1 s")
    for (url, words) in [
      ("http://127.0.0.1:1/v1", "Connection refused"), ("http://nobody.invalid/v1", "is not found"),
    ] {
      let nobody = try embedder(
        service, ["EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "m", "OPENAI_BASE_URL": url])
      let error = #expect(throws: EmbeddingError.self) { try nobody.embed(Self.labelled(["a"])) }
      #expect(
        error?.kind == .unreachable && error?.problem.contains(words) == true,
        "\(String(describing: error))")
      #expect(error?.remedy?.contains("OPENAI_BASE_URL") == true)
    }
  }

  @Test func `an interruption is seen while waiting and while pausing`() throws {
    for step in [
      #"{"delay": 20}"#, #"{"status": 429, "headers": {"Retry-After": "2"}, "body": ""}"#,
    ] {
      let service = try EmbeddingService()
      try service.plan("[\(step)]")
      let begin = Date()
      let embedder = try embedder(
        service, isInterrupted: { Date().timeIntervalSince(begin) > 0.3 })
      let error = #expect(throws: EmbeddingError.self) { try embedder.embed(Self.labelled(["a"])) }
      #expect(error?.kind == .interrupted && Date().timeIntervalSince(begin) < 2)
    }
  }

  @Test func `a question that must not take long is given up, and the next one is not`() throws {
    let service = try EmbeddingService()
    try service.plan(#"[{"delay": 20}, {}]"#)
    let embedder = try embedder(service)
    let begin = Date()
    #expect(try embedder.embed(Self.labelled(["a"]), within: 0.3) == nil)
    #expect(Date().timeIntervalSince(begin) < 2)
    let outcomes = try #require(try embedder.embed(Self.labelled(["a", " "]), within: 60))
    #expect(vector(outcomes[0]) != nil && vector(outcomes[1]) == nil)
    // The time limit that has passed has no effect on the next call.
    #expect(vector(try embedder.embed(Self.labelled(["b"]))[0]) != nil)
  }

  @Test func `texts that others can read on the way are told of`() throws {
    let settings = try EmbeddingSettings(
      .init(provider: .ollama, model: "m"), environment: ["OLLAMA_HOST": "nobody.invalid"])
    var events: [EmbeddingEvent] = []
    let embedder = Embedder(
      settings, cache: nil, policy: Self.quick, observe: { events.append($0) })
    #expect(throws: EmbeddingError.self) { try embedder.embed(Self.labelled(["a"])) }
    #expect(events == [.unencrypted(host: "nobody.invalid")])
  }
}
