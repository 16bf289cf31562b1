/// A place in a JSON file.
public struct JSONPosition: Hashable, Sendable, CustomStringConvertible {
  /// Bytes before this place, from the file's beginning.
  public let byteOffset: Int
  /// The line, from 1.
  public let line: Int
  /// The byte within the line, from 1.
  public let column: Int

  /// A place from its parts.
  public init(byteOffset: Int, line: Int, column: Int) {
    self.byteOffset = byteOffset
    self.line = line
    self.column = column
  }

  /// Line, column and byte offset in words.
  public var description: String { "line \(line), column \(column) (byte \(byteOffset))" }
}

/// What kind of value stands in a JSON file.
public enum JSONKind: UInt8, Sendable, CustomStringConvertible {
  /// Members in braces.
  case object
  /// Elements in brackets.
  case array
  /// Text in quotes.
  case string
  /// Digits.
  case number
  /// `true` or `false`.
  case boolean
  /// Nothing.
  case null

  /// The kind with its article, for sentences.
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

/// Places of one kind in one entry: all are counted, the first hundred are kept.
public struct JSONFindings: Equatable, Sendable {
  /// How many there are.
  public private(set) var count = 0
  /// Where the first hundred are.
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
