/// Why a pickle was not read, and where.
public struct PickleError: Error, Equatable, Sendable {
  /// What is wrong.
  public let kind: Kind
  /// The byte at which the offending opcode stands, where there is one.
  public let offset: Int?
  /// The offending opcode, where there is one.
  public let opcode: UInt8?

  /// The kinds of refusal.
  public enum Kind: Equatable, Sendable {
    /// The file ends in the middle.
    case truncated
    /// Bytes follow the end of the pickle.
    case trailingBytes(Int)
    /// The opcode does something that vectors never need.
    case opcodeNotAllowed
    /// The byte is no opcode of any protocol.
    case unknownOpcode
    /// The pickle names code that is not on the list of inert names.
    case globalNotAllowed(String)
    /// The pickle does not follow the rules of its format.
    case malformed(String)
    /// Correct, but of a kind that is not read: objects, strings, complex numbers.
    case unsupported(String)
    /// The content is not a sequence of rows of numbers.
    case notRows(String)
    /// The pickle asks for more than its size can justify.
    case limit(String)
    /// A number that no Float32 can hold.
    case notFinite(row: Int, column: Int, value: String)
    /// The source could not be read.
    case unreadable(String)
    /// The source was told to stop; nothing is wrong with the pickle.
    case interrupted
  }

  /// A refusal of `kind`, found at `offset`.
  public init(_ kind: Kind, at offset: Int? = nil, opcode: UInt8? = nil) {
    self.kind = kind
    self.offset = offset
    self.opcode = opcode
  }

  /// What a source throws when it cannot deliver its bytes.
  public static func unreadable(at offset: Int, _ reason: String) -> PickleError {
    PickleError(.unreadable(reason), at: offset)
  }
}
