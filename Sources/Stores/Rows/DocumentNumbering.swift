internal import Digests

/// Gives a store's documents their identities, in the order in which they are read: those whose id
/// occurs more than once are told apart by how often it has come before.
struct DocumentNumbering {
  private var identity: DocumentIdentity
  /// How often each repeated id has come so far, by its identity with ordinal 0.
  private var ordinals: [UUIDValue: Int]

  /// A numbering of the documents that a survey has met.
  init(_ survey: EntrySurvey) {
    identity = survey.identity
    ordinals = Dictionary(uniqueKeysWithValues: survey.repeated.map { ($0, 0) })
  }

  /// Begins with the first document again.
  mutating func rewind() { ordinals = ordinals.mapValues { _ in 0 } }

  /// Finds the identity of the next document, and whether no other one has its id.
  mutating func next(sourceID: String?) throws(CryptoError) -> (id: UUIDValue, hasOwnID: Bool) {
    let id = try identity.id(sourceID: sourceID, ordinal: 0)
    guard let ordinal = ordinals[id] else { return (id, sourceID != nil) }
    ordinals[id] = ordinal + 1
    return (ordinal == 0 ? id : try identity.id(sourceID: sourceID, ordinal: ordinal), false)
  }
}
