/// The refusal of a pickle: its kind and its place.
public struct PickleError: Error, Equatable, Sendable {
  /// The kind of refusal.
  public let kind: Kind
  /// The offset of the refused part in the file; nil where there is no single place.
  public let offset: Int?
  /// The refused opcode; nil where no single opcode was refused.
  public let opcode: UInt8?

  /// The kinds of refusal.
  public enum Kind: Equatable, Sendable {
    /// The file is truncated.
    case truncated
    /// Bytes follow the end of the pickle.
    case trailingBytes(Int)
    /// The opcode does something that vectors never need.
    case opcodeNotAllowed
    /// The byte is not an opcode of any protocol.
    case unknownOpcode
    /// The pickle names code that is not on the list of allowed names.
    case globalNotAllowed(String)
    /// The pickle does not follow the rules of its format.
    case malformed(String)
    /// The value is correct, but of a kind that is not supported, such as an object, a string or a
    /// complex number.
    case unsupported(String)
    /// The content is not a sequence of rows of numbers.
    case notRows(String)
    /// The pickle exceeds a limit that protects memory, such as a limit of nesting, of width or of
    /// numbers.
    case limit(String)
    /// A number that is not finite as a Float32.
    case notFinite(row: Int, column: Int, value: String)
    /// The source could not be read.
    case unreadable(String)
    /// The source was asked to stop reading; nothing is wrong with the pickle.
    case interrupted
  }

  /// Creates a refusal of `kind`, found at `offset`.
  public init(_ kind: Kind, at offset: Int? = nil, opcode: UInt8? = nil) {
    self.kind = kind
    self.offset = offset
    self.opcode = opcode
  }

  /// Creates the error for a source that cannot deliver its bytes.
  public static func unreadable(at offset: Int, _ reason: String) -> PickleError {
    PickleError(.unreadable(reason), at: offset)
  }
}
