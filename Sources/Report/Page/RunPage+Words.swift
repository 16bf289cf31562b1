internal import Journal
internal import Messages

extension RunPage.Store {
  /// The number of the store's documents in words.
  var documents: String { record.facts.documents.map(grouped) ?? "–" }

  /// The dimensions of the store's vectors in the files and in the database, in words.
  var dimensions: String {
    guard let source = record.facts.dimensions, source > 0 else { return "–" }
    guard let stored = figures.storedDimensions, stored != source else { return grouped(source) }
    return "\(grouped(source)) → \(grouped(stored))"
  }

  /// Returns the recall for a kind of reader in words.
  func recall(_ kind: ReaderKind) -> String {
    kind.recall(of: self)?.shown(digits: 3) ?? "–"
  }

  /// The largest change of a score in words.
  var scoreChange: String {
    figures.recall.map {
      $0.scoreChange < 1e-6 ? "under 0.000001" : $0.scoreChange.shown(digits: 6)
    } ?? "–"
  }

  /// The time that the store took in words.
  var duration: String { seconds.map(RunPage.words(seconds:)) ?? "–" }
}
