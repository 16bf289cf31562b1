/// Finds the words that a misspelt word probably meant.
package enum Suggestion {
  /// Finds the candidates nearest to a misspelt word: at most three, none where all are too
  /// different.
  ///
  /// A candidate is near where only a few letters differ, or where the word is the candidate's
  /// beginning or end: `--dry` and `--data-dir` are incomplete, but clear.
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

  /// Counts the edits that turn one word into another; a swap of neighbouring letters counts as
  /// one.
  ///
  /// The method is optimal string alignment; O(`a.count` × `b.count`).
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

  /// Scores how much a candidate differs from the word: the lowest score is the best.
  ///
  /// The score is twice the number of edits. A word that is the beginning or the end of the
  /// candidate has the score 3: better than two edits, worse than one. Nil means that the candidate
  /// is too different.
  private static func score(_ word: String, _ candidate: String, limit: Int) -> Int? {
    let edits = distance(word, candidate)
    let isNear = edits <= limit && edits < max(word.count, candidate.count)
    if isNear, edits <= 1 { return 2 * edits }
    if candidate.hasPrefix(word) || candidate.hasSuffix("-\(word)") { return 3 }
    return isNear ? 2 * edits : nil
  }

  /// Removes differences that people often type by mistake: leading hyphens, capital letters, and
  /// underscores in place of hyphens.
  private static func normal(_ word: String) -> String {
    let bare = word.drop { $0 == "-" || $0 == "\u{2013}" || $0 == "\u{2014}" }
    return String(bare.lowercased().map { $0 == "_" ? "-" : $0 })
  }
}
