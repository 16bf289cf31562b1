/// The price of tokens, and the limits of what may be spent.
public struct EmbeddingPrice: Equatable, Sendable {
  /// The dollars for a million tokens; nil where no price is known.
  public var perMillionTokens: Double?
  /// The limit of a day's cost (UTC); nil for none.
  public var daily: CostLimit?
  /// The limit of the cost from the beginning of this run; nil for none.
  public var run: CostLimit?

  /// Creates a price; by default none is known and nothing is limited.
  public init(
    perMillionTokens: Double? = nil, daily: CostLimit? = nil, run: CostLimit? = nil
  ) {
    self.perMillionTokens = perMillionTokens
    self.daily = daily
    self.run = run
  }

  /// True where money is limited, so that a cache is needed that counts it.
  public var isLimited: Bool { daily != nil || run != nil }

  /// Computes the dollars for tokens; nil where no price is known.
  public func cost(ofTokens tokens: Int) -> Double? {
    perMillionTokens.map { $0 * Double(tokens) / 1_000_000 }
  }

  /// When the prices below were published.
  public static let publicationDate = "2025-10"

  /// The dollars for a million tokens, as the services publish them.
  private static let published: [ProviderKind: [String: Double]] = [
    .openAI: [
      "text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13,
      "text-embedding-ada-002": 0.10,
    ],
    .gemini: ["gemini-embedding-001": 0.15],
    .cohere: [
      "embed-v4.0": 0.12, "embed-english-v3.0": 0.10, "embed-multilingual-v3.0": 0.10,
      "embed-english-light-v3.0": 0.10, "embed-multilingual-light-v3.0": 0.10,
    ],
    .voyage: [
      "voyage-3-large": 0.18, "voyage-3.5": 0.06, "voyage-3.5-lite": 0.02, "voyage-code-3": 0.18,
      "voyage-3": 0.06, "voyage-3-lite": 0.02, "voyage-finance-2": 0.12, "voyage-law-2": 0.12,
    ],
  ]

  /// Returns the published price of a model; nil where it is not known.
  static func published(_ model: String, from provider: ProviderKind) -> Double? {
    published[provider]?[model]
  }

  /// Estimates the tokens of a text: one for three bytes, which is usually too many, but no limit.
  ///
  /// English has about four bytes for each token, source code three, Chinese one and a half to
  /// three.
  public static func estimatedTokens(ofBytes bytes: Int) -> Int { (bytes + 2) / 3 }

  /// Computes the most tokens that a service can count for texts of so many bytes: a token has at
  /// least one byte, and services add a few marks and words of their own.
  public static func mostTokens(ofTexts texts: Int, bytes: Int) -> Int { bytes + texts * added }

  /// The largest number of tokens that a service adds to a text: Voyage puts a sentence before it.
  private static let added = 16
}

/// A limit of dollars, with the name of the setting that it comes from.
public struct CostLimit: Equatable, Sendable {
  /// The dollars.
  public let dollars: Double
  /// The option or the variable, for messages.
  public let name: String

  /// Creates a limit.
  public init(dollars: Double, name: String) {
    self.dollars = dollars
    self.name = name
  }
}
