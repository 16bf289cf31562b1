internal import MigrationFiles
internal import SQLText
internal import Postgres

/// The place of an error inside of a block of DO or of a function, and the way that led there.
struct InnerFault: Equatable {
  /// The place in the file of the statement that failed; nil where it is not in the files.
  let position: String?
  /// The statement that failed and the functions that were running, in words for an error.
  let words: String

  /// Finds the place; nil where the error is about the statement of the file itself.
  ///
  /// - Parameters:
  ///   - sections: the parts of files that may define the functions; that of the statement first.
  init?(
    of error: ServerError, in statement: SQLStatement, of sections: [MigrationSection]
  ) {
    let query = error.innerQuery
    let calls = error.calls
    guard query != nil || !calls.isEmpty else { return nil }
    let bodies = calls.map { Body(of: $0, in: statement, sections) }
    var parts: [String] = []
    if let query {
      let character = error.innerPosition.map { ", at its character \($0)" } ?? ""
      parts.append("in the inner query \(Self.oneLine(query))\(character)")
    }
    for (call, body) in zip(calls, bodies) {
      let name = call.isBlock ? "the block" : call.function
      let action = call.action.isEmpty ? "" : ", at \(call.action)"
      let place = body.map { " (\($0.file):\($0.line(call.line)))" } ?? ""
      parts.append("in line \(call.line) of \(name)\(action)\(place)")
    }
    words = parts.joined(separator: ", ")
    guard let call = calls.first, let body = bodies.first.flatMap(\.self) else {
      position = nil
      return
    }
    let exact = query.flatMap { body.position(of: $0, character: error.innerPosition) }
    position = "\(body.file):\(exact.map(\.description) ?? "\(body.line(call.line))")"
  }

  /// Returns a query on one line, shortened.
  private static func oneLine(_ query: String) -> String {
    let line = query.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 120 ? line.prefix(119) + "…" : line
  }

  /// The body of a block or function in a file.
  private struct Body {
    let file: String
    let statement: SQLStatement
    /// The constant that contains the body.
    let constant: SQLWord

    init?(of call: ServerCall, in statement: SQLStatement, _ sections: [MigrationSection]) {
      if call.isBlock {
        guard let section = sections.first,
          let constant = statement.words.first(where: { $0.kind == .string })
        else { return nil }
        (file, self.statement, self.constant) = (section.file, statement, constant)
        return
      }
      let name = call.function.prefix { $0 != "(" }.split(separator: ".").last.map(String.init)
      for section in sections {
        let definition = section.statements.last { $0.definedRoutine == name }
        guard let definition, let constant = definition.routineBody else { continue }
        (file, self.statement, self.constant) = (section.file, definition, constant)
        return
      }
      return nil
    }

    /// The line in the file of a line of the body.
    func line(_ number: Int) -> Int {
      statement.position(ofCharacter: constant.offset + 1).line + number - 1
    }

    /// The place in the file of a character of a query in the body; nil where the body does not
    /// contain the query as it was executed.
    func position(of query: String, character: Int?) -> SourcePosition? {
      let text = statement.text.unicodeScalars
      // An expression is executed as a query of its own: SELECT before it is not in the body.
      var words = query
      var skipped = 0
      var place = Self.find(words, in: text, from: constant.offset)
      if place == nil, words.hasPrefix("SELECT ") {
        words = String(words.dropFirst(7))
        skipped = 7
        place = Self.find(words, in: text, from: constant.offset)
      }
      guard let place else { return nil }
      return statement.position(
        ofCharacter: place + max(0, (character ?? 1) - 1 - skipped) + 1)
    }

    /// Finds a text, and returns the number of characters before it; nil where it is absent or is
    /// there more than once.
    private static func find(
      _ words: String, in text: String.UnicodeScalarView, from start: Int
    ) -> Int? {
      let all = Array(text)
      let wanted = Array(words.unicodeScalars)
      guard !wanted.isEmpty, all.count >= wanted.count else { return nil }
      let last = all.count - wanted.count
      guard start <= last else { return nil }
      let places = (start...last).filter { place in
        all[place] == wanted[0] && all[place..<place + wanted.count].elementsEqual(wanted)
      }
      return places.count == 1 ? places[0] : nil
    }
  }
}

extension SQLStatement {
  /// The name, without its schema, of the function or procedure that the statement creates.
  fileprivate var definedRoutine: String? {
    guard begins(with: "CREATE") else { return nil }
    let head = words.prefix(5)
    guard let place = head.firstIndex(where: { $0.isWord("FUNCTION") || $0.isWord("PROCEDURE") }),
      let (_, end) = qualifiedName(at: place + 1)
    else { return nil }
    return words[end - 1].name
  }

  /// The constant after AS, which contains the body of the function.
  fileprivate var routineBody: SQLWord? {
    for (word, next) in zip(words, words.dropFirst())
    where word.isWord("AS") && word.depth == 0 && next.kind == .string {
      return next
    }
    return nil
  }
}
