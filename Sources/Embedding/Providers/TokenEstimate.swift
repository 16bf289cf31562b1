/// What can be said about a text's tokens without the model's own table.
enum TokenEstimate {
  /// Returns the most tokens that a service can count for a text: a token has at least one byte, and
  /// services add a few marks and words of their own.
  static func most(_ text: String) -> Int { text.utf8.count + added }

  /// How many tokens a service adds to a text at the most: Voyage puts a sentence before it.
  private static let added = 16

  /// Returns about how many tokens a text has: one for four ASCII characters, and one for each other
  /// character.
  static func likely(_ text: String) -> Int {
    var (ascii, others) = (0, 0)
    for scalar in text.unicodeScalars {
      if scalar.isASCII { ascii += 1 } else { others += 1 }
    }
    return (ascii + 3) / 4 + others
  }
}
