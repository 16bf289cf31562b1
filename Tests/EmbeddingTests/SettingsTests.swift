import Testing

@testable import Embedding

/// Tests the settings that follow from the command line and the environment.
struct SettingsTests {
  private static let key = "sk-fake-0123456789-not-a-key"
  private static let openAI = [
    "EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "text-embedding-3-large",
    "OPENAI_API_KEY": key,
  ]
  private static let ollama = ["EMBEDDING_PROVIDER": "ollama", "EMBEDDING_MODEL": "m"]

  private func settings(
    _ base: [String: String], _ more: [String: String] = [:],
    _ choice: EmbeddingSettings.Choice = .init()
  ) throws -> EmbeddingSettings {
    try EmbeddingSettings(choice, environment: base.merging(more) { $1 })
  }

  @Test func `the command line goes before the environment`() throws {
    let plain = try settings(Self.openAI, ["EMBEDDING_DIMENSIONS": "256"])
    #expect(plain.provider == .openAI && plain.destination == "https://api.openai.com/v1")
    #expect(plain.dimensions == 256 && plain.price.perMillionTokens == 0.13)
    let choice = EmbeddingSettings.Choice(provider: .ollama, model: "n:2", dimensions: 8)
    let chosen = try settings(Self.openAI, ["EMBEDDING_DIMENSIONS": "256"], choice)
    #expect(chosen.provider == .ollama && chosen.model == "n:2" && chosen.dimensions == 8)
    #expect(chosen.price.perMillionTokens == nil && chosen.key == nil)
  }

  @Test(arguments: [
    ("", "http://127.0.0.1:11434"), ("box", "http://box:11434"), ("box:1", "http://box:1"),
    (":99", "http://127.0.0.1:99"), ("0.0.0.0", "http://127.0.0.1:11434"),
    ("0.0.0.0:99", "http://127.0.0.1:99"), ("http://box", "http://box"),
    ("https://box/x/", "https://box/x"), ("[::1]", "http://[::1]:11434"),
    ("[::1]:9", "http://[::1]:9"), ("::1", "http://[::1]:11434"),
    ("fe80::2/x", "http://[fe80::2]:11434/x"),
  ])
  func `OLLAMA_HOST is read as Ollama reads it`(text: String, shown: String) throws {
    #expect(try settings(Self.ollama, ["OLLAMA_HOST": text]).destination == shown)
  }

  @Test(arguments: [
    (openAI, ["EMBEDDING_PROVIDER": ""], "no embedding provider is configured"),
    (
      openAI, ["EMBEDDING_PROVIDER": "acme"],
      "EMBEDDING_PROVIDER is none of openai, azure, gemini, ollama"
    ),
    (openAI, ["EMBEDDING_MODEL": ""], "no embedding model"),
    (openAI, ["EMBEDDING_DIMENSIONS": "0"], "EMBEDDING_DIMENSIONS is not a whole number"),
    (openAI, ["EMBEDDING_DIMENSIONS": "x"], "EMBEDDING_DIMENSIONS is not a whole number"),
    (openAI, ["OPENAI_API_KEY": ""], "OPENAI_API_KEY is not set"),
    (openAI, ["OPENAI_API_KEY": "two words"], "OPENAI_API_KEY holds"),
    (openAI, ["OPENAI_API_KEY": "x\r\nEvil: 1"], "OPENAI_API_KEY holds"),
    (openAI, ["OPENAI_BASE_URL": "http://example.org/v1"], "without encryption"),
    (openAI, ["OPENAI_BASE_URL": "http://127.0.0.1.example.org/v1"], "without encryption"),
    (openAI, ["OPENAI_BASE_URL": "https://u:p@example.org"], "OPENAI_BASE_URL has a user name"),
    (openAI, ["OPENAI_BASE_URL": "example.org"], "OPENAI_BASE_URL begins neither"),
    (ollama, ["OLLAMA_HOST": "h:x"], "OLLAMA_HOST has no port"),
    (openAI, ["OPENAI_MAX_DAILY_COST": "much"], "OPENAI_MAX_DAILY_COST is not a number"),
    (openAI, ["OPENAI_MAX_DAILY_COST": "-1"], "OPENAI_MAX_DAILY_COST is not a number"),
    (openAI, ["EMBEDDING_PRICE_PER_MILLION_TOKENS": "1e3"], "EMBEDDING_PRICE_PER_MILLION"),
    (openAI, ["OPENAI_MAX_DAILY_COST": "1", "EMBEDDING_MODEL": "own"], "the price of own"),
  ])
  func `what does not fit together is refused by name`(
    base: [String: String], more: [String: String], words: String
  ) {
    let error = #expect(throws: EmbeddingError.self) { try settings(base, more) }
    #expect(error?.kind == .configuration)
    #expect(error?.problem.contains(words) == true, "\(String(describing: error))")
    #expect(error?.remedy != nil)
    #expect(error?.description.contains(Self.key) == false)
    #expect(error?.description.contains("u:p") == false)
  }

  @Test func `a key may go over plain http to this machine, and none needs a key elsewhere`() throws
  {
    for url in ["http://localhost:1/v1", "http://127.0.0.1:1", "http://[::1]:1"] {
      #expect(try settings(Self.openAI, ["OPENAI_BASE_URL": url]).key != nil)
    }
    let keyless = try settings(
      Self.openAI, ["OPENAI_API_KEY": "", "OPENAI_BASE_URL": "http://box/v1"])
    #expect(keyless.key == nil && keyless.isReadableOnTheWay)
  }

  @Test func `no description shows a key`() throws {
    let settings = try settings(Self.openAI, ["OPENAI_API_KEY": "\(Self.key)\n"])
    var dumped = ""
    dump(settings, to: &dumped)
    for text in ["\(settings)", String(reflecting: settings), dumped] {
      #expect(!text.contains("fake-0123"), "\(text)")
    }
    #expect(settings.key?.authorization == "Bearer \(Self.key)")
  }

  @Test func `amounts are shown with the digits they need, never too small`() {
    let cases = [
      (0.0, "$0.00"), (2, "$2.00"), (0.1 + 0.2, "$0.30"), (0.00001, "$0.0001"),
      (12.3456, "$12.3456"), (1.005, "$1.005"),
    ]
    for (amount, shown) in cases { #expect(dollars(amount) == shown) }
  }
}
