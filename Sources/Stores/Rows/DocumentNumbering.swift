internal import Digests

/// Gives a store's documents their identities in the order in which the documents are read.
///
/// Documents with the same id are distinguished by the number of earlier documents with this id.
struct DocumentNumbering {
  private var identity: DocumentIdentity
  /// The number of documents so far with each repeated id; the key is the id's identity with
  /// ordinal 0.
  private var ordinals: [UUIDValue: Int]

  /// Creates a numbering of the documents of a survey.
  init(_ survey: EntrySurvey) {
    identity = survey.identity
    ordinals = Dictionary(uniqueKeysWithValues: survey.repeated.map { ($0, 0) })
  }

  /// Starts at the first document again.
  mutating func rewind() { ordinals = ordinals.mapValues { _ in 0 } }

  /// Computes the identity of the next document, and whether the document has an id that no other
  /// document has.
  mutating func next(sourceID: String?) throws(CryptoError) -> (id: UUIDValue, hasOwnID: Bool) {
    let id = try identity.id(sourceID: sourceID, ordinal: 0)
    guard let ordinal = ordinals[id] else { return (id, sourceID != nil) }
    ordinals[id] = ordinal + 1
    return (ordinal == 0 ? id : try identity.id(sourceID: sourceID, ordinal: ordinal), false)
  }
}
