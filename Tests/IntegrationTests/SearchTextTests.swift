import Embedding
import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `search TEXT`, which searches by meaning.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"))
struct SearchTextTests {
  private static let texts = [
    "The tide table of the harbour", "Bread is baked at dawn", "Boats leave with the tide",
    "The baker sells bread and rolls", "Maps of the old town", "A harbour for small boats",
  ]

  /// Creates the migrated store ann/notes with vectors of the service's model, reduced to 16
  /// dimensions.
  private func migrated(_ service: EmbeddingService) throws -> Ferry {
    let embedder = Embedder(
      try EmbeddingSettings(.init(), environment: service.asOpenAI()), cache: nil)
    let outcomes = try embedder.embed(Self.texts.map { LabelledText("a text", $0) })
    let rows = try outcomes.map { outcome in
      guard case .vector(let vector) = outcome else { throw OracleError(message: "\(outcome)") }
      return vector.map(Double.init)
    }
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: Self.texts)
    try ferry.run("migrate", "--dimensions", "16")
    return ferry
  }

  private func search(
    _ ferry: Ferry, _ words: [String], _ environment: [String: String]
  ) throws -> ProcessOutcome {
    try TestSupport.run(
      Ferry.binary, ["search"] + words, environment: Ferry.clean(ferry.database.url, environment),
      directory: ferry.folder.path)
  }

  @Test func `documents about a text are found, with words as well`() throws {
    let service = try EmbeddingService()
    let ferry = try migrated(service)
    let whose = ["--user", "ann", "--collection", "notes", "-k", "2"]
    for environment in [service.asOpenAI(), service.asOllama()] {
      let outcome = try search(
        ferry, whose + ["--json", "tide table of", "the harbour"], environment)
      #expect(outcome.status == 0, "\(outcome.errorText)")
      let answer = try Ferry.json(outcome)
      let documents = answer["documents"] as? [[String: Any]] ?? []
      #expect(documents.first?["text"] as? String == Self.texts[0])
      #expect(answer["text"] as? String == "tide table of the harbour")
      #expect(answer["model"] as? String == environment["EMBEDDING_MODEL"])
      #expect(outcome.errorText.contains("for the text's embedding"))
    }
    let both = try search(
      ferry, whose + ["--json", "tide", "--hybrid", "rolls"], service.asOpenAI())
    let sources = try #require(try Ferry.json(both)["documents"] as? [[String: Any]])
    #expect(sources.contains { $0["text"] as? String == Self.texts[3] })
    #expect(sources.contains { ($0["text"] as? String)?.contains("tide") == true })
    #expect(
      try service.questions.dropFirst().map(\.texts) == [
        ["tide table of the harbour"], ["tide table of the harbour"], ["tide"],
      ])
    // Nothing was written, not even a cache.
    #expect(
      !FileManager.default.fileExists(
        atPath: ferry.folder.file("migration_backup/embeddings.sqlite")))
    let plain = try search(ferry, whose + ["bread"], service.asOpenAI())
    #expect(plain.text.hasPrefix("SIMILARITY  ID") && plain.text.contains("Bread is baked"))
  }

  @Test func `what stands against a text is said, and the service is not asked in vain`() throws {
    let service = try EmbeddingService()
    let ferry = try migrated(service)
    let asked = try service.questions.count
    let whose = ["--user", "ann", "--collection", "notes"]
    var keyless = service.asOpenAI()
    keyless["OPENAI_BASE_URL"] = nil
    keyless["OPENAI_API_KEY"] = nil
    let cases: [([String], [String: String], Int32, [String])] = [
      (
        whose + ["tide"], [:], 3,
        [
          "no embedding provider is configured", "EMBEDDING_PROVIDER",
          "--like, --vector or --hybrid search without",
        ]
      ),
      (whose + ["tide", "--provider", "openai"], [:], 3, ["no embedding model"]),
      (whose + ["tide"], keyless, 3, ["OPENAI_API_KEY is not set"]),
      (
        whose + ["tide"],
        service.asOpenAI().merging(["OPENAI_BASE_URL": "http://192.0.2.1/v1"]) { $1 }, 3,
        ["without encryption"]
      ),
      (
        ["tide", "--like", "1"], service.asOpenAI(), 2, ["TEXT cannot be used together with --like"]
      ),
      (
        ["tide", "--vector", "f"], service.asOpenAI(), 2,
        ["TEXT cannot be used together with --vector"]
      ),
      (
        ["--hybrid", "x", "--user", "ann", "--model", "m"], [:], 2,
        ["--model cannot be used together with --hybrid"]
      ),
      (
        ["tide", "--provider", "acme"], [:], 2, ["openai, azure, gemini, ollama, cohere or voyage"]
      ),
      (["tide"], service.asOpenAI(), 3, ["no user is given: the search"]),
      (["tide", "--user", "bob"], service.asOpenAI(), 3, ["bob has no collection"]),
      (
        whose + ["tide", "--embedding-dimensions", "8"], service.asOpenAI(), 3,
        ["makes vectors of 8 dimensions; ann/notes takes 32 or 16"]
      ),
      (
        ["--set", "semantic_search", "tide"], service.asOpenAI(), 3,
        ["set semantic_search is not in this"]
      ),
    ]
    for (words, environment, status, messages) in cases {
      let outcome = try search(ferry, words, environment)
      #expect(outcome.status == status, "\(words): \(outcome.errorText)")
      for message in messages {
        #expect(outcome.errorText.contains(message), "\(words): \(outcome.errorText)")
      }
      #expect(outcome.text == "", "\(words)")
    }
    #expect(try service.questions.count == asked)
    for (step, message) in [
      (#"{"dimensions": 24}"#, "makes vectors of 24 dimensions; ann/notes takes 32 or 16"),
      (#"{"status": 401, "body": ""}"#, "the key is not accepted"),
      (
        #"{"status": 400, "body": {"error": {"message": "no"}}}"#,
        "created no embedding for the text: status 400: no"
      ),
    ] {
      try service.plan("[\(step)]")
      let outcome = try search(ferry, whose + ["tide", "--json"], service.asOpenAI())
      #expect(outcome.status == 3 && outcome.errorText.contains(message), "\(outcome.errorText)")
      #expect(try Ferry.json(outcome)["exit_code"] as? Int == 3)
    }
  }

  @Test func `a limit of cost holds for searches too, and what they cost is counted`() throws {
    let service = try EmbeddingService()
    let ferry = try migrated(service)
    let environment = service.asOpenAI().merging([
      "OPENAI_MAX_DAILY_COST": "0.01", "EMBEDDING_PRICE_PER_MILLION_TOKENS": "100",
    ]) { $1 }
    let words = ["--user", "ann", "--collection", "notes", "tide"]
    try service.plan(#"[{"tokens": 90}]"#)
    #expect(try search(ferry, words, environment).status == 0)
    let asked = try service.questions.count
    let over = try search(ferry, words + Array(repeating: "word", count: 40), environment)
    #expect(over.status == 3 && over.errorText.contains("today's $0.009"), "\(over.errorText)")
    #expect(try service.questions.count == asked)
  }

  @Test func `a key is seen nowhere`() throws {
    let key = "sk-fake-canary-5501-not-a-key"
    let service = try EmbeddingService()
    let ferry = try migrated(service)
    let quoting = #"{"error": {"message": "Incorrect API key provided: \#(key)"}}"#
    for step in [
      #"{"delay": 0.5}"#, #"{"status": 401, "body": \#(quoting)}"#,
      #"{"status": 403, "body": \#(quoting)}"#, #"{"status": 400, "body": \#(quoting)}"#,
      #"{"raw": "HTTP/1.1 302 X\r\nLocation: http://x/?k=\#(key)\r\nContent-Length: 0\r\n\r\n"}"#,
      #"{"raw": "\#(key)\r\n"}"#,
    ] {
      try service.plan("[\(step)]")
      let run = try ferry.start(
        "search", "--user", "ann", "--collection", "notes", "tide", "--json",
        environment: service.asOpenAI(key: key).merging([
          "OPENAI_MAX_DAILY_COST": "1", "EMBEDDING_PRICE_PER_MILLION_TOKENS": "1",
        ]) { $1 })
      let arguments =
        FileManager.default.contents(atPath: "/proc/\(run.processID)/cmdline") ?? Data()
      let outcome = try run.finish()
      for seen in [arguments, outcome.output, outcome.errors] {
        #expect(seen.range(of: Data("canary".utf8)) == nil, "\(step): \(outcome.errorText)")
      }
    }
    for (path, bytes) in try contents(of: ferry.folder.path) {
      #expect(bytes.range(of: Data("canary".utf8)) == nil, "\(path)")
    }
    #expect(try service.questions.last?.authorization == "Bearer \(key)")
  }

  @Test(.enabled(if: TestCertificate.isAvailable, "no openssl"))
  func `SSL_CERT_FILE names the authority that is believed`() throws {
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    let service = try EmbeddingService(certificate: certificate)
    let ferry = try migrated(try EmbeddingService())
    let words = ["--user", "ann", "--collection", "notes", "tide"]
    let refused = try search(ferry, words, service.asOpenAI())
    #expect(refused.status == 3 && refused.errorText.contains("unable to get local issuer"))
    #expect(refused.errorText.contains("SSL_CERT_FILE"))
    #expect(try service.questions.isEmpty)
    let believed = try search(
      ferry, words, service.asOpenAI().merging(["SSL_CERT_FILE": certificate.authority]) { $1 })
    #expect(believed.status == 0, "\(believed.errorText)")
  }
}
