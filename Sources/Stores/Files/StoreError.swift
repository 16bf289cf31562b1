/// Why a store, or a part of it, was refused.
///
/// Never carries a key, a decrypted text, or any other secret.
public struct StoreError: Error, Equatable, Sendable {
  /// What kind of refusal it is, for decisions; the words are in the other fields.
  public enum Kind: String, Sendable {
    /// The operating system refused, or the thing is not there.
    case file
    /// A link, pipe, device or socket where a file or directory must be.
    case notRegular
    /// A name that no row can carry.
    case name
    /// The store lacks a file.
    case incomplete
    /// Vectors that could not be read.
    case vectors
    /// A NaN, an infinity, or a number beyond Float32.
    case notFinite
    /// Rows of different lengths, or of a length that pgvector does not hold.
    case dimensions
    /// Entries that could not be read.
    case metadata
    /// The metadata could not be decrypted.
    case encryption
    /// Vectors and entries that do not pair.
    case count
    /// Entries without text.
    case text
    /// A file changed while it was read.
    case changed
    /// The operator asked to stop; nothing is wrong with the store.
    case interrupted
  }

  /// What kind of refusal it is.
  public var kind: Kind
  /// The file or directory, as the operator would type it.
  public var file: String
  /// Where in the file: a row, an entry, a byte; nil where it is the file as a whole.
  public var place: String?
  /// What is wrong.
  public var problem: String
  /// What to do about it.
  public var remedy: String

  /// A refusal from its parts.
  public init(
    _ kind: Kind, file: String, place: String? = nil, problem: String, remedy: String
  ) {
    self.kind = kind
    self.file = file
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }
}

extension StoreError: CustomStringConvertible {
  /// File, place, cause and remedy on one line.
  public var description: String {
    let cause = place.map { "\($0): \(problem)" } ?? problem
    let sentence = remedy.isEmpty ? cause : "\(cause); \(remedy)"
    return ShownText.of("\(file): \(sentence)")
  }
}
