/// Finds the words that were probably meant by a misspelt word.
package enum Suggestion {
  /// Finds the candidates nearest to a misspelt word: at most three, none where all are too
  /// different.
  ///
  /// A candidate is near where the edit distance is small for the word's length, or where the word
  /// is the candidate's beginning or end: `--dry` and `--data-dir` are incomplete, but clear.
  package static func nearest(to word: String, among candidates: [String]) -> [String] {
    let meant = normal(word)
    guard !meant.isEmpty else { return [] }
    let limit = max(1, min(3, meant.count / 3))
    var best = Int.max
    var found: [String] = []
    for candidate in candidates {
      guard let score = score(meant, normal(candidate), limit: limit), score <= best else {
        continue
      }
      if score < best { found = [] }
      best = score
      found.append(candidate)
    }
    return Array(found.prefix(3))
  }

  /// Counts the edits from one word to another; a swap of neighbours counts as one.
  ///
  /// Optimal string alignment; O(`a.count` × `b.count`).
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a)
    let b = Array(b)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
        var edits = min(replaced, last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          edits = min(edits, beforeLast[j - 1] + 1)
        }
        row.append(edits)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }

  /// Scores a candidate by its likeness to the word; the lowest score is the best, nil means too
  /// different.
  ///
  /// The score is twice the edit distance. A word that is the beginning or the end of the candidate
  /// has the score 3: better than two edits, worse than one.
  private static func score(_ word: String, _ candidate: String, limit: Int) -> Int? {
    let edits = distance(word, candidate)
    let isNear = edits <= limit && edits < max(word.count, candidate.count)
    if isNear, edits <= 1 { return 2 * edits }
    if candidate.hasPrefix(word) || candidate.hasSuffix("-\(word)") { return 3 }
    return isNear ? 2 * edits : nil
  }

  /// Normalizes a word, because people often mistype these parts: removes leading hyphens, makes
  /// letters small, and replaces underscores by hyphens.
  private static func normal(_ word: String) -> String {
    let bare = word.drop { $0 == "-" || $0 == "\u{2013}" || $0 == "\u{2014}" }
    return String(bare.lowercased().map { $0 == "_" ? "-" : $0 })
  }
}
