/// The functions and statements that the server was running when it sent a message, as the
/// message's CONTEXT lists them.
///
/// An application's own functions and triggers choose the words of their messages, often with a
/// row's values. Where such a function was running, the message may repeat any value.
struct ServerContext: Equatable, Sendable {
  private let lines: [String]

  init(_ text: String?) {
    lines = text?.split(whereSeparator: \.isNewline).map(String.init) ?? []
  }

  /// The application's function or trigger that was running, named as in a message; nil where the
  /// server, this program's own functions or a block of the statement itself wrote the message.
  var author: String? {
    let otherLines = lines.filter { $0.contains("PL/") && !isOurs($0) }
    if let line = otherLines.first {
      return Self.function(in: line).map { "the function \($0)" }
        ?? "a function of the database"
    }
    return lines.contains(where: isUnknown) ? "a function of the database" : nil
  }

  /// Returns true for a line about this program's own code: a block that was sent as a statement,
  /// or a function of the schema `vector_ferry`.
  private func isOurs(_ line: String) -> Bool {
    guard let function = Self.function(in: line) else {
      // A block that does not compile names no signature: it is the statement's own text.
      return line.hasPrefix("compilation of PL/pgSQL function")
    }
    return function.hasPrefix("vector_ferry.") || function == "inline_code_block"
  }

  /// Returns true for a line that this program does not know, such as a line about a function in
  /// another language or on another server.
  private func isUnknown(_ line: String) -> Bool {
    !["COPY ", "SQL function ", "SQL statement ", "parallel worker", "while "].contains(
      where: line.hasPrefix)
      && !lines.contains { $0.contains("PL/") || $0.hasPrefix("SQL statement ") }
  }

  /// Reads the name of the function from a line of the context; the function may be in any
  /// language.
  ///
  /// The name is `check_text()` in `PL/pgSQL function check_text() line 3 at RAISE`.
  private static func function(in line: String) -> String? {
    if line.contains(" inline_code_block ") { return "inline_code_block" }
    guard let opening = line.firstIndex(of: "("),
      let closing = line[opening...].firstIndex(of: ")")
    else { return nil }
    let name = line[..<opening].split(separator: " ").last.map(String.init)
    return name.map { $0 + line[opening...closing] }
  }

  /// The functions and blocks in PL/pgSQL that were running, the innermost first.
  var calls: [ServerCall] {
    lines.compactMap { line in
      guard
        let match = line.firstMatch(
          of: /^PL\/pgSQL function (.+) line ([0-9]+)(?: at ([A-Za-z ]+))?$/),
        let number = Int(match.output.2)
      else { return nil }
      return ServerCall(
        function: String(match.output.1), line: number,
        action: match.output.3.map(String.init) ?? "")
    }
  }

  /// Reads the number, from 1, of the row that a COPY into the table was processing; nil where the
  /// context does not contain it.
  func copiedRow(of table: Identifier) -> Int? {
    let beginning = "COPY \(table.name), "
    guard let line = lines.last(where: { $0.hasPrefix(beginning) }) else { return nil }
    let digits = line.dropFirst(beginning.count).drop { !$0.isASCII || !$0.isNumber }
      .prefix { $0.isASCII && $0.isNumber }
    return Int(digits)
  }
}

/// A function or block in PL/pgSQL that was running when the server refused a statement.
public struct ServerCall: Sendable, Equatable {
  /// The function with the types of its parameters; `inline_code_block` for a block of DO.
  public let function: String
  /// The line in the function's body, from 1; the line on which the body begins is the first.
  public let line: Int
  /// The kind of the statement on that line, such as `SQL statement`.
  public let action: String

  /// True for a block of DO.
  public var isBlock: Bool { function == "inline_code_block" }
}
