import Digests
import Foundation
import TestSupport
import Testing

@testable import Embedding

/// Tests the requests to each service, and the reading of its answers.
@Suite(.enabled(if: EmbeddingService.isAvailable, "no Python to run the service"))
struct ProviderTests {
  private static let key = "fake-0123456789-not-a-key"

  private func embedder(
    _ service: EmbeddingService, _ provider: ProviderKind, model: String = "m",
    dimensions: Int? = 8, environment: [String: String]? = nil
  ) throws -> Embedder {
    var choice = EmbeddingSettings.Choice(provider: provider, model: model, dimensions: dimensions)
    choice.address = service.url()
    let names = provider.keyVariables.map { ($0, Self.key) }
    return Embedder(
      try EmbeddingSettings(
        choice, environment: environment ?? Dictionary(uniqueKeysWithValues: names)),
      cache: nil,
      policy: RetryPolicy(attempts: 3, firstPause: 0.01, longestPause: 0.02, longestRequested: 2))
  }

  private static let shapes: [(ProviderKind, String, String, String)] = [
    (
      .openAI, "/embeddings",
      #"{"dimensions":8,"encoding_format":"float","input":["a","b"],"model":"m"}"#,
      #"{"dimensions":8,"encoding_format":"float","input":["a"],"model":"m"}"#
    ),
    (
      .azure, "/openai/deployments/m/embeddings?api-version=2024-10-21",
      #"{"dimensions":8,"encoding_format":"float","input":["a","b"],"model":"m"}"#,
      #"{"dimensions":8,"encoding_format":"float","input":["a"],"model":"m"}"#
    ),
    (
      .gemini, "/models/m:batchEmbedContents",
      #"{"requests":[{"content":{"parts":[{"text":"a"}]},"model":"models/m","outputDimensionality":8,"taskType":"RETRIEVAL_DOCUMENT"},{"content":{"parts":[{"text":"b"}]},"model":"models/m","outputDimensionality":8,"taskType":"RETRIEVAL_DOCUMENT"}]}"#,
      #"{"requests":[{"content":{"parts":[{"text":"a"}]},"model":"models/m","outputDimensionality":8,"taskType":"RETRIEVAL_QUERY"}]}"#
    ),
    (
      .ollama, "/api/embed", #"{"dimensions":8,"input":["a","b"],"model":"m","truncate":false}"#,
      #"{"dimensions":8,"input":["a"],"model":"m","truncate":false}"#
    ),
    (
      .cohere, "/v2/embed",
      #"{"embedding_types":["float"],"input_type":"search_document","model":"m","output_dimension":8,"texts":["a","b"],"truncate":"NONE"}"#,
      #"{"embedding_types":["float"],"input_type":"search_query","model":"m","output_dimension":8,"texts":["a"],"truncate":"NONE"}"#
    ),
    (
      .voyage, "/embeddings",
      #"{"input":["a","b"],"input_type":"document","model":"m","output_dimension":8,"truncation":false}"#,
      #"{"input":["a"],"input_type":"query","model":"m","output_dimension":8,"truncation":false}"#
    ),
  ]

  @Test func `each service is asked in its own form, for documents and for what is searched`()
    throws
  {
    #expect(Self.shapes.map(\.0) == ProviderKind.allCases)
    for (provider, path, documents, query) in Self.shapes {
      let service = try EmbeddingService()
      let embedder = try embedder(service, provider)
      let outcomes = try embedder.embed([LabelledText("1", "a"), LabelledText("2", "b")])
      _ = try embedder.embed([LabelledText("1", "a")], as: .query)
      let questions = try service.questions
      #expect(questions.map(\.path) == [path, path], "\(provider)")
      #expect(questions.map(\.json) == [documents, query], "\(provider)")
      let header: String? =
        switch provider {
        case .openAI, .cohere, .voyage: "Bearer \(Self.key)"
        case .azure, .gemini, .ollama: nil
        }
      #expect(questions[0].authorization == header, "\(provider)")
      #expect(
        questions[0].keys == ([.azure, .gemini].contains(provider) ? [Self.key] : []), "\(provider)"
      )
      for outcome in outcomes {
        guard case .vector(let vector) = outcome else { Issue.record("\(provider)"); continue }
        // Gemini's own vectors of fewer than 3,072 numbers are not of unit length.
        let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(vector.count == 8 && abs(length - 1) < 1e-6, "\(provider): \(length)")
      }
      // Gemini does not state the number of tokens.
      #expect((embedder.usage.estimatedTokens > 0) == (provider == .gemini), "\(provider)")
      #expect(embedder.usage.tokens >= 2)
    }
  }

  @Test func `vectors of Gemini in full length stay as they are`() throws {
    let service = try EmbeddingService()
    let outcomes = try embedder(service, .gemini, dimensions: 3072).embed([LabelledText("1", "a")])
    guard case .vector(let vector) = outcomes[0] else { Issue.record("no vector"); return }
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 }.squareRoot() - 0.5) < 1e-4)
  }

  @Test func `texts that a service cuts without a word are not sent to it`() throws {
    let service = try EmbeddingService()
    let gemini = try embedder(service, .gemini, model: "gemini-embedding-001")
    let outcomes = try gemini.embed([
      LabelledText("1", String(repeating: "word ", count: 1600)),
      LabelledText("2", String(repeating: "word ", count: 1700)),
      LabelledText("3", String(repeating: "潮", count: 2049)),
    ])
    guard case .vector = outcomes[0], case .refused(let reason) = outcomes[1],
      case .refused = outcomes[2]
    else { Issue.record("\(outcomes.map { "\($0)".prefix(80) })"); return }
    #expect(reason.contains("about 2125 tokens"), "\(reason)")
    #expect(try service.questions.count == 1)
    #expect(try service.questions[0].json.contains("潮") == false)
    try service.plan(#"[{"wrong": "truncated"}]"#)
    let cut = try embedder(service, .gemini).embed([
      LabelledText("1", "good"), LabelledText("2", "cut"),
    ])
    guard case .vector = cut[0], case .refused(let words) = cut[1] else {
      Issue.record("\(cut)")
      return
    }
    #expect(words.contains("only its beginning"))
  }

  @Test func `refusals are told in each service's own words`() throws {
    let cases: [(ProviderKind, String, String)] = [
      (.azure, #"{"status": 401, "body": ""}"#, "look at AZURE_OPENAI_API_KEY"),
      (.azure, #"{"status": 404, "body": ""}"#, "names the deployment"),
      (
        .gemini,
        #"{"status": 400, "body": {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}}"#,
        "look at GEMINI_API_KEY"
      ),
      (
        .gemini,
        #"{"status": 429, "body": {"error": {"code": 429, "message": "slow down", "details": [{"retryDelay": "77.5s"}]}}}"#,
        "asks to wait 78 s: status 429: slow down"
      ),
      (.cohere, #"{"status": 402, "body": {"message": "no funds"}}"#, "status 402: no funds"),
      (.cohere, #"{"status": 401, "body": {"message": "x"}}"#, "look at COHERE_API_KEY"),
      (.voyage, #"{"status": 403, "body": {"detail": "not yours"}}"#, "status 403: not yours"),
    ]
    for (provider, step, words) in cases {
      let service = try EmbeddingService()
      try service.plan("[\(step)]")
      let error = #expect(throws: EmbeddingError.self) {
        try embedder(service, provider).embed([LabelledText("1", "a text")])
      }
      #expect(
        error?.description.contains(words) == true, "\(provider): \(String(describing: error))")
      #expect(try service.questions.count == 1)
    }
  }

  @Test func `settings are checked before anything is sent`() throws {
    let cases: [(ProviderKind, [String: String], String)] = [
      (.azure, ["AZURE_OPENAI_API_KEY": Self.key], "the address of Azure OpenAI is not given"),
      (.gemini, [:], "GEMINI_API_KEY is not set"),
      (.cohere, ["COHERE_API_KEY": "two words"], "COHERE_API_KEY holds"),
      (
        .voyage, ["VOYAGE_API_KEY": Self.key, "VOYAGE_BASE_URL": "http://box"], "without encryption"
      ),
      (
        .cohere, ["COHERE_API_KEY": Self.key, "EMBEDDING_BASE_URL": "ftp://box"],
        "EMBEDDING_BASE_URL begins neither"
      ),
      (
        .voyage, ["VOYAGE_API_KEY": Self.key, "EMBEDDING_CONCURRENCY": "65"],
        "EMBEDDING_CONCURRENCY"
      ),
    ]
    for (provider, environment, words) in cases {
      let error = #expect(throws: EmbeddingError.self) {
        try EmbeddingSettings(.init(provider: provider, model: "m"), environment: environment)
      }
      #expect(error?.kind == .configuration && error?.problem.contains(words) == true, "\(words)")
    }
    let gemini = try EmbeddingSettings(
      .init(provider: .gemini, model: "gemini-embedding-001"),
      environment: ["GOOGLE_API_KEY": Self.key])
    #expect(gemini.destination == "https://generativelanguage.googleapis.com/v1beta")
    #expect(gemini.price.perMillionTokens == 0.15 && gemini.concurrency == 8)
  }

  @Test func `the cache tells documents from what is searched, where the service does`() throws {
    for provider in ProviderKind.allCases {
      let names = provider.keyVariables.map { ($0, Self.key) }
      let settings = try EmbeddingSettings(
        .init(provider: provider, model: "m"),
        environment: Dictionary(uniqueKeysWithValues: names).merging([
          "AZURE_OPENAI_ENDPOINT": "https://box.example"
        ]) { $1 })
      let same =
        try EmbeddingKey("a", settings.origin) == EmbeddingKey("a", as: .query, settings.origin)
      #expect(same == [.openAI, .azure, .ollama].contains(provider))
    }
    // The key is that of a version without purposes; vectors under this key are still found.
    let settings = try EmbeddingSettings(
      .init(provider: .ollama, model: "m"), environment: ["OLLAMA_HOST": "h"])
    #expect(
      try EmbeddingKey("text", settings.origin).digest.description
        == "6567f2371ddb8e4377def7f1e36e2543e4061dd08c74f73076893183c3856d15")
  }
}
