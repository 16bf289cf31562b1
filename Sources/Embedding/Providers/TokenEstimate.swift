/// The facts about a text's tokens that are known without the model's own table.
enum TokenEstimate {
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
