/// Something about a store that does not refuse it and that its operator should know.
public struct StoreFinding: Sendable, Equatable {
  /// What was found.
  public enum Kind: String, Sendable, CaseIterable {
    /// Vectors behind the last entry, left out under `--allow-mismatch`.
    case leftOverVectors
    /// Entries behind the last vector, left out under `--allow-mismatch`.
    case leftOverEntries
    /// Entries without text, kept with an empty one under `--allow-mismatch`.
    case withoutText
    /// Vectors of nothing but zeros, which cosine indexes skip.
    case zeroVector
    /// Vectors that hold a negative zero, whose bits are kept.
    case negativeZero
    /// Timestamps that were not understood and stay in the metadata.
    case timestampNotUnderstood
    /// Timestamps finer than a microsecond: cut for `created_at`, and kept in the metadata.
    case timestampCut
    /// Entries whose `id` an earlier entry has as well.
    case repeatedID
    /// Entries with U+0000, stored as the visible text `\u0000`.
    case escapedCharacters
    /// Entries with a number `-0`, whose sign PostgreSQL's `jsonb` does not keep.
    case negativeZeroNumber
  }

  /// What was found.
  public let kind: Kind
  /// Where: the entries' or vectors' positions, from 0.
  public internal(set) var positions: PositionList

  /// A finding from its parts.
  public init(_ kind: Kind, _ positions: PositionList) {
    self.kind = kind
    self.positions = positions
  }

  /// True where it says that something was left out or is stored in another form.
  public var isLoss: Bool {
    switch kind {
    case .leftOverVectors, .leftOverEntries, .withoutText, .escapedCharacters, .negativeZeroNumber:
      true
    case .zeroVector, .negativeZero, .timestampNotUnderstood, .timestampCut, .repeatedID: false
    }
  }
}

extension StoreFinding: CustomStringConvertible {
  /// What was found and where, in one sentence.
  public var description: String {
    let count = positions.count
    return "\(sentence(count, count == 1 ? "" : "s")): \(place) \(positions)"
  }

  private var place: String {
    switch kind {
    case .leftOverVectors, .zeroVector, .negativeZero: "row"
    default: "entry"
    }
  }

  private func sentence(_ count: Int, _ plural: String) -> String {
    switch kind {
    case .leftOverVectors: "left out \(count) vector\(plural) without an entry"
    case .leftOverEntries:
      "left out \(count) \(count == 1 ? "entry" : "entries") without a vector"
    case .withoutText: "kept \(count) without text, with an empty one"
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
    }
  }
}
