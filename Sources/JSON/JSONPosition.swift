/// A place in a JSON file.
public struct JSONPosition: Hashable, Sendable, CustomStringConvertible {
  /// The number of bytes in the file before this place.
  public let byteOffset: Int
  /// The number of the line, from 1.
  public let line: Int
  /// The number of the byte in its line, from 1.
  public let column: Int

  /// Creates a place from its parts.
  public init(byteOffset: Int, line: Int, column: Int) {
    self.byteOffset = byteOffset
    self.line = line
    self.column = column
  }

  /// The line, column and byte offset in words.
  public var description: String { "line \(line), column \(column) (byte \(byteOffset))" }
}

/// The kind of a value in a JSON file.
public enum JSONKind: UInt8, Sendable, CustomStringConvertible {
  /// An object: members in braces.
  case object
  /// An array: elements in brackets.
  case array
  /// A string: text in quotes.
  case string
  /// A number, whole or not.
  case number
  /// A boolean: `true` or `false`.
  case boolean
  /// The value `null`.
  case null

  /// The words for the kind, with an article, for messages.
  public var description: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .null: "null"
    }
  }
}

/// The places of one kind of finding in one entry: all findings are counted, and the first hundred
/// are kept.
public struct JSONFindings: Equatable, Sendable {
  /// The number of findings.
  public private(set) var count = 0
  /// The positions of the first hundred findings.
  public private(set) var positions: [JSONPosition] = []

  /// True where nothing was found.
  public var isEmpty: Bool { count == 0 }

  mutating func note(_ position: JSONPosition) {
    count += 1
    if positions.count < 100 { positions.append(position) }
  }

  mutating func removeAll() {
    if count > 0 { self = JSONFindings() }
  }
}
