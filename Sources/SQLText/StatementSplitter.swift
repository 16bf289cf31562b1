/// Splits a file into statements and the marks between them, such as `-- migrate:up`.
///
/// A semicolon ends a statement, except in quotes, in parentheses (`CREATE RULE … DO (…; …)`) and
/// in the body of a function in standard SQL (`BEGIN ATOMIC … END`).
package struct StatementSplitter {
  /// A piece of a file: a statement or a mark.
  package enum Piece: Equatable {
    case statement(SQLStatement)
    /// A line `-- migrate:…`: the text after the colon, and the line's position.
    case directive(String, SourcePosition)
    /// A mark of another tool, and its position.
    case mark(ToolMark, SourcePosition)
  }

  /// True where words that are marks for a few tools only (`-- Down Migration`) count as marks and
  /// end the statement before them.
  private let readsPlainWords: Bool

  private var scanner: SQLScanner
  private var pieces: [Piece] = []
  /// The tokens of the current statement, each with the number of open parentheses around it.
  private var tokens: [(token: SQLToken, depth: Int)] = []
  private var depth = 0
  /// The number of BEGIN ATOMIC and CASE that have no END yet.
  private var blocks = 0
  private var places: PlaceCounter

  private init(_ bytes: [UInt8], readsPlainWords: Bool) {
    self.readsPlainWords = readsPlainWords
    scanner = SQLScanner(bytes)
    places = PlaceCounter(bytes)
  }

  /// Splits a text in UTF-8 into its pieces, in order.
  package static func pieces(of bytes: [UInt8], readsPlainWords: Bool = false) throws(SyntaxFault)
    -> [Piece]
  {
    var splitter = StatementSplitter(bytes, readsPlainWords: readsPlainWords)
    try splitter.run()
    return splitter.pieces
  }

  /// Splits a text into its statements.
  package static func statements(of text: String) throws(SyntaxFault) -> [SQLStatement] {
    try pieces(of: Array(text.utf8)).compactMap {
      if case .statement(let it) = $0 { it } else { nil }
    }
  }

  private mutating func run() throws(SyntaxFault) {
    while let token = try scanner.next() {
      switch token.kind {
      case .comment: try note(comment: token)
      case .backslash:
        throw fault(
          "\(lineText(at: token.range.lowerBound)) is a command of psql, not SQL: remove the line",
          at: token.range.lowerBound)
      case .symbol(UInt8(ascii: ";")) where depth <= 0 && blocks == 0:
        try endStatement(semicolonAt: token.range.lowerBound)
      default: take(token)
      }
    }
    try endStatement(semicolonAt: nil)
  }

  private mutating func take(_ token: SQLToken) {
    switch token.kind {
    case .symbol(UInt8(ascii: "(")): depth += 1
    case .symbol(UInt8(ascii: ")")): depth -= 1
    case .word: followBlocks(token)
    default: break
    }
    tokens.append((token, token.kind == .symbol(UInt8(ascii: "(")) ? depth - 1 : depth))
  }

  /// Counts the open blocks: BEGIN ATOMIC opens the body of a function, CASE in a body opens a
  /// block, and END closes one of them.
  private mutating func followBlocks(_ token: SQLToken) {
    guard token.range.count <= 6, depth >= 0, isRoutine else { return }
    let word = capitals(token)
    let previous = tokens.last.map { kept($0.token) }
    if word == "ATOMIC", previous == "BEGIN", depth == 0 {
      blocks += 1
    } else if blocks > 0, previous != "AS", previous != "." {
      if word == "CASE" { blocks += 1 }
      if word == "END" { blocks -= 1 }
    }
  }

  private var isRoutine: Bool {
    let head = tokens.prefix(4).map { kept($0.token) }
    guard head.first == "CREATE" else { return false }
    return head.dropFirst().prefix(3).contains { $0 == "FUNCTION" || $0 == "PROCEDURE" }
  }

  // MARK: Ends

  private mutating func endStatement(semicolonAt semicolon: Int?) throws(SyntaxFault) {
    defer {
      tokens = []
      (depth, blocks) = (0, 0)
    }
    guard let first = tokens.first?.token, let last = tokens.last?.token else { return }
    // A comment after the last token is left out; the server's positions count from the first
    // token.
    let text = String(
      decoding: scanner.bytes[first.range.lowerBound..<last.range.upperBound], as: UTF8.self)
    let words = keptWords(from: first.range.lowerBound)
    let position = places.position(of: first.range.lowerBound)
    var statement = SQLStatement(text: text, position: position, copyData: nil, words: words)
    followStrings(statement)
    if statement.copiesOut {
      throw SyntaxFault(
        problem: "COPY … TO STDOUT has nowhere to write to: remove the statement",
        position: position)
    }
    if statement.copiesIn {
      guard semicolon != nil else {
        throw SyntaxFault(
          problem: "COPY … FROM stdin is followed by no data", position: position)
      }
      statement = SQLStatement(
        text: text, position: position, copyData: try copyData(), words: words)
    }
    pieces.append(.statement(statement))
  }

  private func keptWords(from start: Int) -> [SQLWord] {
    var words: [SQLWord] = []
    words.reserveCapacity(tokens.count)
    var (counted, place) = (0, start)
    for (token, depth) in tokens {
      counted += scanner.characters(in: place..<token.range.lowerBound)
      place = token.range.lowerBound
      words.append(
        SQLWord(kind: token.kind, text: kept(token), depth: depth, offset: counted))
    }
    return words
  }

  /// Reads the data of a COPY: the lines after the statement's line, up to a line `\.`.
  private mutating func copyData() throws(SyntaxFault) -> [UInt8] {
    let bytes = scanner.bytes
    let opening = scanner.offset
    scanner.skipLine()
    var start = min(scanner.offset + 1, bytes.count)
    let dataStart = start
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let line = bytes[start..<end]
      if line.elementsEqual([UInt8(ascii: "\\"), UInt8(ascii: ".")]) {
        scanner.offset = min(end + 1, bytes.count)
        return Array(bytes[dataStart..<start])
      }
      start = end + 1
    }
    throw fault(
      "the data of COPY … FROM stdin is not closed: end the data with a line \\. of its own",
      at: opening)
  }

  /// Notes a SET statement that changes whether backslashes are escapes in the plain strings after
  /// it.
  private mutating func followStrings(_ statement: SQLStatement) {
    guard statement.begins(with: "SET"), let value = statement.words.last,
      statement.words.contains(where: { $0.isWord("STANDARD_CONFORMING_STRINGS") })
    else { return }
    let text = value.text.lowercased().filter { $0 != "'" }
    scanner.hasStandardStrings = !["off", "false", "no", "0"].contains(text)
  }

  // MARK: Directives

  private mutating func note(comment: SQLToken) throws(SyntaxFault) {
    let text = plain(comment)
    guard text.hasPrefix("--") else { return try note(ToolMark(blockComment: text), at: comment) }
    let words = text.dropFirst(2).drop { $0 == " " || $0 == "\t" }
    guard words.prefix(8).lowercased() == "migrate:" else {
      return try note(ToolMark(comment: text), at: comment)
    }
    let content = words.dropFirst("migrate:".count).split(whereSeparator: \.isWhitespace)
    guard isAloneOnLine(comment) else {
      guard content.first == "up" || content.first == "down" else { return }
      throw fault(
        "\(text) follows something else on its line: put the mark on a line of its own",
        at: comment.range.lowerBound)
    }
    guard words.hasPrefix("migrate:") else {
      guard ["up", "down"].contains(content.first?.lowercased()) else { return }
      throw fault(
        "\(text) is not known: write the mark in small letters", at: comment.range.lowerBound)
    }
    try refuseOpenStatement(before: comment)
    pieces.append(
      .directive(
        content.joined(separator: " "), places.position(of: comment.range.lowerBound)))
  }

  private mutating func note(_ mark: ToolMark?, at comment: SQLToken) throws(SyntaxFault) {
    guard let mark else { return }
    if mark.isWeak {
      let isInside = depth > 0 || blocks > 0 || mark.meaning == .lookalike && !tokens.isEmpty
      if readsPlainWords, isInside || mark.meaning != .breakpoint && !isAloneOnLine(comment) {
        return
      }
      if readsPlainWords, mark.endsStatement { try endStatement(semicolonAt: nil) }
    } else {
      guard isAloneOnLine(comment) else {
        throw fault(
          "\(mark.text) follows something else on its line: put the mark on a line of its own",
          at: comment.range.lowerBound)
      }
      if mark.endsStatement, depth <= 0, blocks == 0 {
        try endStatement(semicolonAt: nil)
      } else {
        try refuseOpenStatement(before: comment)
      }
    }
    pieces.append(.mark(mark, places.position(of: comment.range.lowerBound)))
  }

  private mutating func refuseOpenStatement(before comment: SQLToken) throws(SyntaxFault) {
    guard tokens.isEmpty else {
      throw fault(
        "the statement before this line has no semicolon", at: comment.range.lowerBound)
    }
  }

  private func isAloneOnLine(_ token: SQLToken) -> Bool {
    let before = scanner.bytes[..<token.range.lowerBound]
    return before.reversed().prefix { $0 != UInt8(ascii: "\n") }.allSatisfy(SQLScanner.isSpace)
  }

  // MARK: Texts

  private func plain(_ token: SQLToken) -> String {
    String(decoding: scanner.bytes[token.range], as: UTF8.self)
  }

  private func capitals(_ token: SQLToken) -> String {
    token.kind == .word ? plain(token).inCapitals : plain(token)
  }

  /// Returns the text to keep of a token; a long constant is not kept, because the kind of a
  /// statement does not depend on it.
  private func kept(_ token: SQLToken) -> String {
    token.kind == .string && token.range.count > 256 ? "" : capitals(token)
  }

  private func lineText(at offset: Int) -> String {
    let line = scanner.bytes[offset...].prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line.prefix(40), as: UTF8.self)
  }

  private mutating func fault(_ problem: String, at offset: Int) -> SyntaxFault {
    SyntaxFault(problem: problem, position: places.position(of: offset))
  }
}
