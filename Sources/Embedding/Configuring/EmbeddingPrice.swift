/// What tokens cost, and how much of that a day may bring.
public struct EmbeddingPrice: Equatable, Sendable {
  /// Dollars for a million tokens; nil where nobody has said.
  public var perMillionTokens: Double?
  /// Dollars that one day (UTC) may cost; nil for no limit.
  public var dailyLimit: Double?

  /// Nothing known, nothing limited.
  public init(perMillionTokens: Double? = nil, dailyLimit: Double? = nil) {
    self.perMillionTokens = perMillionTokens
    self.dailyLimit = dailyLimit
  }

  /// Dollars for so many tokens; nil where no price is known.
  public func cost(ofTokens tokens: Int) -> Double? {
    perMillionTokens.map { $0 * Double(tokens) / 1_000_000 }
  }

  /// The published prices of OpenAI's own models.
  static let published = [
    "text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13, "text-embedding-ada-002": 0.10,
  ]

  /// How many tokens a text may come to: one for three bytes, which is rather too many than too few.
  ///
  /// English has about four bytes to a token, source code three, Chinese three to one or two.
  public static func estimatedTokens(ofBytes bytes: Int) -> Int { (bytes + 2) / 3 }
}
