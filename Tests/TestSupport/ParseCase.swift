/// A command line, and what it comes to.
public struct ParseCase: CustomStringConvertible, Sendable {
  /// The words after the program's name.
  public let line: String
  /// What they come to, on one line.
  public let outcome: String

  /// A command line and its outcome.
  public init(_ line: String, _ outcome: String) {
    self.line = line
    self.outcome = outcome
  }

  /// The whole command line.
  public var description: String { "vector-ferry \(line)" }
}

/// A command line as a person types it, split at spaces; `␣` stands for a space inside a
/// word, `∅` for an empty word.
public func words(_ line: String) -> [String] {
  line.split(separator: " ").map { word in
    word == "∅" ? "" : String(word.map { $0 == "␣" ? " " : $0 })
  }
}
