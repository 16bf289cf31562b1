/// A comment that has a meaning for a migration tool, such as `-- +goose Up`.
///
/// The program's own `-- migrate:` lines are directives of `StatementSplitter`, not marks.
package struct ToolMark: Sendable, Equatable {
  /// The meaning of a mark.
  package enum Meaning: Sendable, Equatable {
    /// The beginning of the up part, or of the down part.
    case up, down
    /// The beginning or the end of a block that the tool sends as one statement.
    case blockBegin, blockEnd
    /// The mark says that the statements are not one transaction.
    case outsideTransaction
    /// The end of one statement.
    case breakpoint
    /// A mark that has no effect in this program.
    case nothing
    /// A mark that is not supported: the problem and the remedy.
    case refused(String, remedy: String)
    /// A comment that looks like the beginning of a down part, but is no known mark.
    case lookalike
  }

  /// The form that the mark belongs to; nil where the program does not read the tool's files.
  package let form: MigrationForm?
  /// The comment as it is in the file.
  package let text: String
  package let meaning: Meaning
  /// True where the part that begins with this mark is not one transaction.
  package var refusesTransaction = false

  /// True for a mark in plain words, which may be an ordinary comment in other files.
  package var isWeak: Bool {
    form == .nodePgMigrate || form == .drizzle || meaning == .lookalike
  }

  /// True where a statement before the mark needs no semicolon.
  package var endsStatement: Bool {
    switch meaning {
    case .blockEnd, .breakpoint: true
    case .up, .down: form == .tern || form == .nodePgMigrate
    default: false
    }
  }

  /// Reads a comment; nil where it is not a mark and does not look like one.
  package init?(comment: String) {
    let text = comment.trimmingSpaces
    let body = text.drop { $0 == "-" || $0.isSpace }
    let words = body.lowercased().split(whereSeparator: \.isSpace).joined(separator: " ")
    let found =
      Self.goose(text, words) ?? Self.sqlMigrate(text, words) ?? Self.tern(text, words)
      ?? Self.other(text, words) ?? Self.weak(text, words)
    guard let found else { return nil }
    self = found
  }

  /// Reads a comment between `/*` and `*/`, which is a mark for no tool; nil unless it looks like
  /// the beginning of a down part.
  package init?(blockComment comment: String) {
    // Several lines are text, or statements that somebody has commented out.
    let lines = comment.lowercased().split(whereSeparator: \.isNewline).map {
      $0.split { $0.isWhitespace || $0 == "*" || $0 == "/" }.joined(separator: " ")
    }.filter { !$0.isEmpty }
    guard lines.count == 1, let found = Self.weak(comment, lines[0]) else { return nil }
    if case .breakpoint = found.meaning { return nil }
    if case .up = found.meaning { return nil }
    self.init(nil, comment, .lookalike)
  }

  private init(
    _ form: MigrationForm?, _ text: String, _ meaning: Meaning, refusesTransaction: Bool = false
  ) {
    self.form = form
    self.text = text
    self.meaning = meaning
    self.refusesTransaction = refusesTransaction
  }

  // MARK: goose

  private static func goose(_ text: String, _ words: String) -> ToolMark? {
    guard words.contains("+goose") else { return nil }
    guard words.hasPrefix("+goose") else {
      return ToolMark(.goose, text, unknown("goose refuses a comment that mentions +goose"))
    }
    let meaning: Meaning =
      switch words.dropFirst("+goose".count).drop(while: \.isSpace) {
      case "up": .up
      case "down": .down
      case "statementbegin": .blockBegin
      case "statementend": .blockEnd
      case "no transaction": .outsideTransaction
      case "envsub off": .nothing
      case "envsub on":
        .refused(
          "goose would put values of the environment into the statements",
          remedy: "write the values themselves and leave the line out")
      default:
        unknown("goose has Up, Down, StatementBegin, StatementEnd and NO TRANSACTION")
      }
    return ToolMark(.goose, text, meaning)
  }

  private static func unknown(_ known: String) -> Meaning {
    .refused("this line is not known (\(known))", remedy: "correct or remove the line")
  }

  // MARK: sql-migrate

  private static func sqlMigrate(_ text: String, _ words: String) -> ToolMark? {
    guard words.hasPrefix("+migrate") else { return nil }
    let options = text.split(whereSeparator: \.isSpace).dropFirst(2)
    let meaning: Meaning =
      switch (options.first ?? "", options.dropFirst().allSatisfy { $0 == "notransaction" }) {
      case _ where !text.hasPrefix("-- +migrate "):
        unknown("sql-migrate wants -- +migrate with one space between, at the line's beginning")
      case ("Up", true): .up
      case ("Down", true): .down
      case ("StatementBegin", _) where options.count == 1: .blockBegin
      case ("StatementEnd", _) where options.count == 1: .blockEnd
      default:
        unknown(
          "sql-migrate has Up and Down, each with or without notransaction, StatementBegin and "
            + "StatementEnd")
      }
    return ToolMark(.sqlMigrate, text, meaning, refusesTransaction: options.count > 1)
  }

  // MARK: tern

  private static func tern(_ text: String, _ words: String) -> ToolMark? {
    let plain = words.trimmingDashes
    if plain == "create above / drop below" {
      let isExact = text == "---- create above / drop below ----"
      return ToolMark(
        .tern, text,
        isExact
          ? .down : unknown("tern wants ---- create above / drop below ----, letter by letter"))
    }
    guard plain.hasPrefix("tern:") else { return nil }
    let isExact = text == "---- tern: disable-tx ----"
    return ToolMark(
      .tern, text, isExact ? .outsideTransaction : unknown("tern has ---- tern: disable-tx ----"))
  }

  // MARK: Tools that are not read

  private static func other(_ text: String, _ words: String) -> ToolMark? {
    guard let tool = tool(of: words) else { return nil }
    return ToolMark(
      nil, text,
      .refused(
        "this is a mark of \(tool), whose files are not read",
        remedy: "write -- migrate:up and -- migrate:down instead, or continue with that tool"))
  }

  private static func tool(of words: String) -> String? {
    let first = words.prefix { $0 != " " }
    let second = words.dropFirst(first.count + 1).prefix { $0 != " " }
    if words.hasPrefix("liquibase formatted") { return "Liquibase" }
    if first == "changeset", second.contains(":") { return "Liquibase" }
    if words.hasPrefix("atlas:"), first != "atlas:nolint" { return "Atlas" }
    if words.hasPrefix("//@undo") || words.hasPrefix("// @undo") { return "MyBatis Migrations" }
    if words == "!ups" || words == "!downs" { return "Play evolutions" }
    if first == "rambler", second == "up" || second == "down" { return "rambler" }
    if words == "+up" || words == "+down" { return "another tool" }
    if first.hasPrefix("+"), first.dropFirst().allSatisfy(\.isLetter), first.count > 1,
      second == "up" || second == "down"
    {
      return String(first.dropFirst())
    }
    return nil
  }

  // MARK: Plain words

  private static let downWords: Set = [
    "down", "downs", "undo", "rollback", "revert", "downgrade",
  ]
  private static let fillers: Set = [
    "migration", "migrate", "goose", "script", "sql", "section", "part", "begin", "start", "schema",
    "name", "to", "this", "the", "of", "step", "steps", "change", "changes", "statements",
  ]

  private static func weak(_ text: String, _ words: String) -> ToolMark? {
    if words == "> statement-breakpoint" { return ToolMark(.drizzle, text, .breakpoint) }
    if words == "up migration" { return ToolMark(.nodePgMigrate, text, .up) }
    if words == "down migration" { return ToolMark(.nodePgMigrate, text, .down) }
    // A comment with a semicolon is a statement that somebody has commented out.
    guard !words.contains(";") else { return nil }
    if words.hasPrefix("down migration") { return ToolMark(nil, text, .lookalike) }
    guard words.utf8.count <= 80 else { return nil }
    let bare = words.map { $0.isLetter ? $0 : " " }.split(separator: " ").map { String($0) }
    let isTitle =
      bare.allSatisfy { downWords.contains($0) || fillers.contains($0) }
      && bare.contains(where: downWords.contains)
    return isTitle ? ToolMark(nil, text, .lookalike) : nil
  }
}

extension StringProtocol where SubSequence == Substring {
  fileprivate var trimmingSpaces: String { trimmed { $0.isSpace } }
  fileprivate var trimmingDashes: String { trimmed { $0 == "-" || $0.isSpace } }

  private func trimmed(_ isLeft: (Character) -> Bool) -> String {
    var rest = drop(while: isLeft)
    while let last = rest.last, isLeft(last) { rest.removeLast() }
    return String(rest)
  }
}

extension Character {
  fileprivate var isSpace: Bool { self == " " || self == "\t" || self == "\r" }
}
