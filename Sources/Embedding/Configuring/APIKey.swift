/// The key of a service; no description shows it.
struct APIKey: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  private let text: String

  /// Creates a key from a variable of the environment; nil where no header could contain the key.
  init?(_ value: String) {
    // Files with secrets often end in a line feed.
    let trimmed = value.split(whereSeparator: \.isWhitespace)
    guard trimmed.count == 1, let word = trimmed.first,
      word.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    text = String(word)
  }

  /// The key itself, for a header of its own.
  var plain: String { text }

  /// The value of the header `Authorization`.
  var authorization: String { "Bearer \(text)" }

  /// Masks the key in a service's words; where the key has at least twelve bytes, also every word
  /// that contains the key's first six or last four characters.
  func masked(in words: String) -> String {
    let whole = words.replacing(text, with: description)
    guard text.utf8.count >= 12 else { return whole }
    let (start, end) = (text.prefix(6), text.suffix(4))
    return whole.split(separator: " ", omittingEmptySubsequences: false)
      .map { $0.contains(start) || $0.contains(end) ? Substring(description) : $0 }
      .joined(separator: " ")
  }

  var description: String { "<secret>" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
