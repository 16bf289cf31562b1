/// The refusal of a JSON file: its reason and its place.
public struct JSONError: Error, Equatable, Sendable {
  /// The kinds of problems.
  public enum Reason: Equatable, Sendable {
    /// The text ends within a value.
    case endOfText
    /// A byte is not allowed here by the grammar; `expected` names the allowed bytes.
    case unexpected(byte: UInt8, expected: String)
    /// Bytes are not UTF-8.
    case invalidUTF8
    /// The file is UTF-16 or UTF-32.
    case wideCharacters
    /// A byte below U+0020 is not escaped in a string.
    case controlCharacter(UInt8)
    /// A backslash is not followed by an escape.
    case invalidEscape
    /// Half of a surrogate pair, which is not a character.
    case loneSurrogate
    /// The character U+0000, which PostgreSQL can store neither in `text` nor in `jsonb`.
    case nul
    /// `NaN`, `Infinity` or `-Infinity`, which Python writes and JSON does not have.
    case notFinite(String)
    /// A text begins like a number, but is not a number.
    case invalidNumber
    /// A number is too large for a double, so that the double would be infinite.
    case numberOverflow
    /// A number has more digits than PostgreSQL's `numeric` allows.
    case tooManyDigits
    /// An object has the same key twice.
    case duplicateKey
    /// An object has more members than `jsonb` allows.
    case tooManyMembers
    /// An array has more elements than `jsonb` allows.
    case tooManyElements
    /// The nesting is deeper than `limit` levels.
    case tooDeep(limit: Int)
    /// A string is longer than `jsonb` allows.
    case stringTooLong(limit: Int)
    /// An entry is longer than `jsonb` allows.
    case entryTooLong(limit: Int)
    /// The outermost value is not of the expected kind.
    case wrongRoot(found: JSONKind, expected: JSONKind)
    /// An entry of the array is not an object.
    case entryNotObject(JSONKind)
    /// An object lacks this key.
    case missingKey(String)
    /// Something follows the outermost value.
    case trailingBytes
  }

  /// The reason of the refusal.
  public let reason: Reason
  /// The position of the error.
  public let position: JSONPosition
  /// The index of the entry with the error, from 0; nil outside of entries.
  public let entry: Int?

  /// Creates an error from its parts.
  public init(reason: Reason, position: JSONPosition, entry: Int?) {
    self.reason = reason
    self.position = position
    self.entry = entry
  }
}

extension JSONError: CustomStringConvertible {
  /// The cause, the place and the remedy in words, without the document's text.
  public var description: String {
    let place = entry.map { "entry \($0), \(position)" } ?? "\(position)"
    return "\(place): \(reason)"
  }
}

extension JSONError.Reason: CustomStringConvertible {
  /// The cause and the remedy in words.
  public var description: String {
    switch self {
    case .endOfText, .unexpected, .invalidUTF8, .wideCharacters, .controlCharacter,
      .invalidEscape, .invalidNumber, .trailingBytes:
      return syntaxSentence
    case .loneSurrogate:
      return "half of a surrogate pair: it is not a character and cannot be stored; "
        + "remove the \\u escape or complete the pair, or use --escape-nul to store the escape "
        + "as visible text"
    case .nul:
      return "U+0000 in a string, which PostgreSQL cannot store; "
        + "remove the character, or use --escape-nul to store it as the visible text \\u0000"
    case .notFinite(let word):
      return
        "\(word) is not JSON and cannot be stored in jsonb; replace the word by null or a number"
    case .numberOverflow:
      return "a number too large for a double, which Python reads as infinity; correct the number"
    case .duplicateKey:
      return "the key here occurs twice in one object, and jsonb would keep only one of the two; "
        + "remove or rename one of them"
    case .wrongRoot(let found, let expected):
      return "the file holds \(found) where \(expected) is expected"
    case .missingKey(let key):
      return "the object lacks the key \(key); restore the file"
    case .entryNotObject(let found):
      return "the entry is \(found), not an object"
    case .tooManyDigits, .tooManyMembers, .tooManyElements, .tooDeep, .stringTooLong,
      .entryTooLong:
      return limitSentence
    }
  }

  private var syntaxSentence: String {
    switch self {
    case .endOfText: "the file ends within a value; it is incomplete, restore it"
    case .unexpected(let byte, let expected): "\(expected) expected, found \(Self.name(of: byte))"
    case .invalidUTF8: "the bytes are not UTF-8; convert or restore the file"
    case .wideCharacters: "the file is UTF-16 or UTF-32; convert it to UTF-8"
    case .controlCharacter(let byte): "unescaped \(Self.name(of: byte)) in a string"
    case .invalidEscape: "a backslash that does not begin a JSON escape"
    case .invalidNumber: "not a JSON number"
    default: "something follows the end of the JSON text; the file is damaged, restore it"
    }
  }

  private var limitSentence: String {
    switch self {
    case .tooManyDigits: "a number with more digits than PostgreSQL's numeric holds"
    case .tooManyMembers: "an object with more members than jsonb holds"
    case .tooManyElements: "an array with more elements than jsonb holds"
    case .tooDeep(let limit): "nested more than \(limit) levels deep"
    case .stringTooLong(let limit): "a string longer than \(limit) bytes, the most jsonb holds"
    case .entryTooLong(let limit): "an entry longer than \(limit) bytes, the most jsonb holds"
    default: ""
    }
  }

  private static func name(of byte: UInt8) -> String {
    if byte > 0x20, byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
