/// A fact about a store that the operator should know, and that does not prevent the store's
/// migration.
public struct StoreFinding: Sendable, Equatable {
  /// The kind of finding.
  public enum Kind: String, Sendable, CaseIterable {
    /// Vectors after the last entry, left out because of `--allow-mismatch`.
    case leftOverVectors
    /// Entries after the last vector, left out because of `--allow-mismatch`.
    case leftOverEntries
    /// Entries without text, kept with an empty text because of `--allow-mismatch`.
    case withoutText
    /// Vectors that contain only zeros, which cosine indexes skip.
    case zeroVector
    /// Vectors that contain a negative zero, whose bits are kept.
    case negativeZero
    /// Timestamps that were not understood and stay in the metadata.
    case timestampNotUnderstood
    /// Timestamps finer than a microsecond: shortened for `created_at`, and kept in the metadata.
    case timestampCut
    /// Entries with the same `id` as an earlier entry.
    case repeatedID
    /// Entries with U+0000 or half a surrogate pair, stored as the visible text of the escape.
    case escapedCharacters
    /// Entries with a number `-0`, whose sign PostgreSQL's `jsonb` does not keep.
    case negativeZeroNumber
    /// Documents with NaN in their metadata, which JSON does not have: stored as null.
    case numberNotStorable
    /// Vectors that the files hold only as a unit vector and a length: the last digits may differ
    /// from what was given.
    case rebuiltVector
    /// Vectors of which the library has stored the direction alone, as vectors of length 1.
    case unitVectors
  }

  /// The kind of finding.
  public let kind: Kind
  /// The positions of the entries or vectors, from 0.
  public internal(set) var positions: PositionList

  /// Creates a finding from its parts.
  public init(_ kind: Kind, _ positions: PositionList) {
    self.kind = kind
    self.positions = positions
  }

  /// True where something was left out or is stored in another form.
  public var isLoss: Bool {
    switch kind {
    case .leftOverVectors, .leftOverEntries, .withoutText, .escapedCharacters, .negativeZeroNumber,
      .numberNotStorable:
      true
    case .zeroVector, .negativeZero, .timestampNotUnderstood, .timestampCut, .repeatedID,
      .rebuiltVector, .unitVectors:
      false
    }
  }
}

extension StoreFinding: CustomStringConvertible {
  /// The finding and its positions, in one sentence.
  public var description: String {
    let count = positions.count
    return "\(sentence(count, count == 1 ? "" : "s")): \(place) \(positions)"
  }

  private var place: String {
    switch kind {
    case .leftOverVectors, .zeroVector, .negativeZero, .rebuiltVector, .unitVectors: "row"
    default: "entry"
    }
  }

  private func sentence(_ count: Int, _ plural: String) -> String {
    switch kind {
    case .leftOverVectors: "left out \(count) vector\(plural) without an entry"
    case .leftOverEntries:
      "left out \(count) \(count == 1 ? "entry" : "entries") without a vector"
    case .withoutText: "kept \(count) that have no text, with an empty text"
    case .zeroVector: "\(count) zero vector\(plural), which cosine indexes skip"
    case .negativeZero: "\(count) vector\(plural) with a negative zero, kept as it is"
    case .timestampNotUnderstood:
      "\(count) timestamp\(plural) not understood, kept in the metadata"
    case .timestampCut:
      "\(count) timestamp\(plural) finer than a microsecond, also kept in the metadata"
    case .repeatedID: "\(count) repeated id\(plural), each row kept"
    case .escapedCharacters:
      "\(count) with U+0000 or half a surrogate pair, stored as the visible text of the escape"
    case .negativeZeroNumber: "\(count) with a number -0, which jsonb stores as 0"
    case .numberNotStorable: "\(count) with NaN in the metadata, stored as null"
    case .rebuiltVector:
      "\(count) vector\(plural) computed from a unit vector and its length, as the library does: "
        + "equal to what was given within 2 units of the last place"
    case .unitVectors:
      "\(count) vector\(plural) of length 1: the library has not kept the lengths it was given"
    }
  }
}
