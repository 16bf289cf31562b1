/// The refusal of a file, of a directory, or of a part of it.
///
/// The refusal never contains a key, a decrypted text or any other secret.
public struct FileError: Error, Equatable, Sendable {
  /// The kind of refusal, by which the program decides; the words for people are in the other
  /// fields.
  ///
  /// Modules that read the contents of files add kinds of their own.
  public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The word that names the kind.
    public let rawValue: String

    /// The word that names the kind, the same as `rawValue`.
    public var description: String { rawValue }

    /// Creates a kind from its word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The operating system refused access, or the file does not exist.
    public static let file = Kind(rawValue: "file")
    /// An entry of another kind than expected, such as a link or a pipe, or a hard link to a file
    /// of another owner.
    public static let notRegular = Kind(rawValue: "notRegular")
    /// A file changed while it was read.
    public static let changed = Kind(rawValue: "changed")
    /// The operator asked to stop; nothing is wrong with the file.
    public static let interrupted = Kind(rawValue: "interrupted")
  }

  /// The kind of refusal.
  public var kind: Kind
  /// The file or directory, as the operator would type it.
  public var file: String
  /// The place in the file, such as a row, an entry or a byte; nil where the whole file is meant.
  public var place: String?
  /// The problem, in words.
  public var problem: String
  /// The advice to the operator.
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

extension FileError: CustomStringConvertible {
  /// The file, place, cause and remedy on one line.
  public var description: String {
    let cause = place.map { "\($0): \(problem)" } ?? problem
    let sentence = remedy.isEmpty ? cause : "\(cause); \(remedy)"
    return ShownText.of("\(file): \(sentence)")
  }
}
