/// A command line, and the result of parsing it.
public struct ParseCase: CustomStringConvertible, Sendable {
  /// The words after the program's name.
  public let line: String
  /// The expected result, on one line.
  public let outcome: String

  /// Creates a case from a command line and its result.
  public init(_ line: String, _ outcome: String) {
    self.line = line
    self.outcome = outcome
  }

  /// The whole command line.
  public var description: String { "vector-ferry \(line)" }
}

/// Splits a command line at its spaces; `␣` stands for a space inside a word, and `∅` for an empty
/// word.
public func words(_ line: String) -> [String] {
  line.split(separator: " ").map { word in
    word == "∅" ? "" : String(word.map { $0 == "␣" ? " " : $0 })
  }
}
