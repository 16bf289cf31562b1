/// Why a store, or a part of it, was refused.
///
/// Never contains a key, a decrypted text, or any other secret.
public struct StoreError: Error, Equatable, Sendable {
  /// The kind of refusal, for decisions; the words are in the other fields.
  public enum Kind: String, Sendable {
    /// The operating system refused, or the file does not exist.
    case file
    /// A link, pipe, device or socket where a file or directory must be.
    case notRegular
    /// A name that no row can have.
    case name
    /// The store lacks a file.
    case incomplete
    /// Vectors that could not be read.
    case vectors
    /// A NaN, an infinity, or a number beyond Float32.
    case notFinite
    /// Rows of different lengths, or of a length that pgvector does not allow.
    case dimensions
    /// Entries that could not be read.
    case metadata
    /// The metadata could not be decrypted.
    case encryption
    /// Vectors and entries that do not match.
    case count
    /// Entries without text.
    case text
    /// A file changed while it was read.
    case changed
    /// The operator asked to stop; nothing is wrong with the store.
    case interrupted
  }

  /// The kind of refusal.
  public var kind: Kind
  /// The file or directory, as the operator would type it.
  public var file: String
  /// The place in the file: a row, an entry, a byte; nil where the file as a whole is meant.
  public var place: String?
  /// The problem, in words.
  public var problem: String
  /// The remedy.
  public var remedy: String

  /// Creates a refusal from its parts.
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
  /// The file, place, cause and remedy on one line.
  public var description: String {
    let cause = place.map { "\($0): \(problem)" } ?? problem
    let sentence = remedy.isEmpty ? cause : "\(cause); \(remedy)"
    return ShownText.of("\(file): \(sentence)")
  }
}
