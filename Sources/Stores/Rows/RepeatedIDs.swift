internal import Digests

/// Numbers the documents whose ids occur more than once, in the order in which they are read.
struct RepeatedIDs {
  /// How often each has occurred so far, by its identity with ordinal 0.
  private var ordinals: [UUIDValue: Int]

  /// The ids that a survey has met more than once.
  init(_ survey: EntrySurvey) {
    ordinals = Dictionary(uniqueKeysWithValues: survey.repeated.map { ($0, 0) })
  }

  /// Begins with the first document again.
  mutating func rewind() { ordinals = ordinals.mapValues { _ in 0 } }

  /// The ordinal of the next document with an identity; nil where no other document has it.
  mutating func next(_ id: UUIDValue) -> Int? {
    guard let ordinal = ordinals[id] else { return nil }
    ordinals[id] = ordinal + 1
    return ordinal
  }
}
