/// The price of tokens, and the limit of a day's cost.
public struct EmbeddingPrice: Equatable, Sendable {
  /// The dollars for a million tokens; nil where no price is known.
  public var perMillionTokens: Double?
  /// The dollars that one day (UTC) may cost; nil for no limit.
  public var dailyLimit: Double?

  /// Creates a price; by default none is known and nothing is limited.
  public init(perMillionTokens: Double? = nil, dailyLimit: Double? = nil) {
    self.perMillionTokens = perMillionTokens
    self.dailyLimit = dailyLimit
  }

  /// Computes the dollars for tokens; nil where no price is known.
  public func cost(ofTokens tokens: Int) -> Double? {
    perMillionTokens.map { $0 * Double(tokens) / 1_000_000 }
  }

  /// The published prices of OpenAI's own models.
  static let published = [
    "text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13, "text-embedding-ada-002": 0.10,
  ]

  /// Estimates the tokens of a text: one for three bytes, which is rather too many than too few.
  ///
  /// English has about four bytes for each token, source code three, Chinese one and a half to
  /// three.
  public static func estimatedTokens(ofBytes bytes: Int) -> Int { (bytes + 2) / 3 }
}
