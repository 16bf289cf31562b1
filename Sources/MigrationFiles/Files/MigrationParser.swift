internal import OwnSchema
internal import SQLText

/// Reads the text of a migration's file, and splits it into the up part and the down part.
package struct MigrationParser {
  let file: String
  /// True for bundled sets, which may use `-- migrate:install`.
  let mayInstall: Bool
  /// The form of the folder, where the folder's files have no marks (Flyway, Sqitch); nil for other
  /// folders.
  var folder: MigrationForm?
  /// True where the text comes from the ledger, not from a file.
  var isRecorded = false

  /// The parts of a file, and what the file says about them.
  struct Content: Equatable {
    /// The form of the file.
    var form = MigrationForm.plain
    var up: MigrationSection?
    var down: MigrationSection?
    var isByNameOnly = false
    var advisableWhen: String?
  }

  /// An up or down part while it is read.
  struct Draft {
    let isUp: Bool
    let firstLine: Int
    var statements: [SQLStatement] = []
    var refusesTransaction = false
  }

  /// Reads a file; a file without marks has the part that `way` states, from the file's name.
  func content(of text: MigrationText, way: MigrationFileName.Way) throws(SchemaError) -> Content {
    let pieces = try pieces(of: text, way: way)
    let found = try form(of: pieces, way: way)
    var way = way
    if isRecorded, pieces.contains(where: \.beginsSection) { way = .both }
    var content = Content()
    content.form = found ?? (way == .both ? .plain : .pairs)
    if found?.isSectioned == true {
      try readMarks(pieces, of: text, way: way, into: &content)
    } else {
      try readOwn(pieces, of: text, way: way, into: &content)
    }
    return content
  }

  // MARK: The program's own form

  private func readOwn(
    _ pieces: [StatementSplitter.Piece], of text: MigrationText, way: MigrationFileName.Way,
    into content: inout Content
  ) throws(SchemaError) {
    let lines = text.lines
    var draft: Draft?
    if !pieces.contains(where: \.beginsSection) || way != .both {
      draft = Draft(isUp: way != .down, firstLine: 1)
      draft?.refusesTransaction = text.asksForNoTransaction
    }
    var suspect: (mark: ToolMark, position: SourcePosition)?
    for piece in pieces {
      switch piece {
      case .statement(let statement):
        if let suspect { throw lookalike(suspect.mark, suspect.position) }
        guard draft != nil else {
          throw fault("there are statements before the first -- migrate:up", statement.position)
        }
        if let refusal = statement.refusal { throw fault(refusal, statement.position) }
        draft?.statements.append(statement)
      case .mark(let mark, let position):
        if mark.meaning == .lookalike, !isRecorded { suspect = (mark, position) }
      case .directive(let words, let position):
        if Self.beginsSection(words) {
          let isUp = words.hasPrefix("up")
          if way != .both, isUp != (way == .up) {
            throw fault("-- migrate:\(words) is in a file of the other direction", position)
          }
          if way == .both {
            try finish(draft, before: position.line, lines: lines, into: &content)
            guard isUp ? content.up == nil : content.down == nil else {
              throw fault("-- migrate:\(isUp ? "up" : "down") appears here twice", position)
            }
            draft = Draft(isUp: isUp, firstLine: position.line)
          }
          try applyOptions(words, at: position, to: &draft, content: &content)
        } else {
          try apply(words, at: position, to: &draft, content: &content)
        }
      }
    }
    try finish(draft, before: lines.count + 1, lines: lines, into: &content)
  }

  static func beginsSection(_ words: String) -> Bool {
    let first = words.split(separator: " ").first ?? ""
    return first == "up" || first == "down"
  }

  /// Ends a part of the file and adds it to `content`; the ledger stores `note` before the part's
  /// text.
  func finish(
    _ draft: Draft?, before line: Int, lines: [ArraySlice<UInt8>], note: String = "",
    into content: inout Content
  ) throws(SchemaError) {
    guard let draft else { return }
    let text = lines[(draft.firstLine - 1)..<(line - 1)].joined(separator: [UInt8(ascii: "\n")])
    let section = MigrationSection(
      file: file, text: note + String(decoding: Array(text), as: UTF8.self),
      statements: draft.statements, refusesTransaction: draft.refusesTransaction,
      form: folder ?? content.form)
    let control = draft.statements.first { $0.form.isTransactionControl }
    let alone = draft.statements.first { $0.part != nil }
    if let begin = section.openBegin {
      throw fault("this transaction is begun and not ended", begin.position)
    }
    if let control, alone != nil {
      throw fault(
        "this file begins and ends transactions itself, but it has a -- migrate:install line",
        control.position)
    }
    if control == nil, let setting = draft.statements.first(where: \.makesTransactionReadOnly) {
      throw fault(
        "this statement makes the migration's transaction read-only, in which the migration could "
          + "not be recorded", setting.position,
        remedy: "write BEGIN before the statement and COMMIT after the ones that only read")
    }
    if draft.isUp { content.up = section } else { content.down = section }
  }

  private func applyOptions(
    _ words: String, at position: SourcePosition, to draft: inout Draft?, content: inout Content
  ) throws(SchemaError) {
    for option in words.split(separator: " ").dropFirst() {
      switch option {
      case "transaction:false": draft?.refusesTransaction = true
      case "transaction:true": draft?.refusesTransaction = false
      case "singly:true" where draft?.isUp == true: content.isByNameOnly = true
      default:
        throw fault(
          "-- migrate: has no option \(option) (transaction:false, singly:true)", position)
      }
    }
  }

  private func apply(
    _ words: String, at position: SourcePosition, to draft: inout Draft?, content: inout Content
  ) throws(SchemaError) {
    let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
    switch parts.first {
    case "install" where mayInstall && draft != nil:
      guard parts.count == 2, let part = InstalledPart(rawValue: parts[1]) else { break }
      draft?.statements.append(
        SQLStatement(
          text: "-- migrate:install \(part.rawValue)", position: position, copyData: nil,
          words: [], part: part))
      return
    case "when" where parts.count == 2:
      content.advisableWhen = parts[1]
      return
    default: break
    }
    throw fault(
      "-- migrate:\(words) is not known; write -- migrate:up or -- migrate:down", position)
  }

  // MARK: Faults

  func fault(_ fault: SyntaxFault) -> SchemaError {
    self.fault(fault.problem, fault.position)
  }

  func fault(_ problem: String, _ position: SourcePosition, remedy: String = "correct the file")
    -> SchemaError
  { SchemaError("\(file):\(position): \(problem)", remedy: remedy) }

  func lookalike(_ mark: ToolMark, _ position: SourcePosition) -> SchemaError {
    fault(
      "\(mark.text) looks like the beginning of a down migration, and statements follow it",
      position,
      remedy:
        "write -- migrate:up and -- migrate:down; if the line is only a comment, word it "
        + "differently"
    )
  }
}

extension MigrationSection {
  /// The BEGIN of a transaction that is open at the end of this part; nil where none is open.
  fileprivate var openBegin: SQLStatement? {
    statements.reduce(into: nil) { open, statement in
      switch statement.form {
      // A BEGIN in an open transaction begins nothing.
      case .begin: open = open ?? statement
      case .commit, .rollback: open = nil
      default: break
      }
    }
  }
}

extension SQLStatement {
  /// True for SET TRANSACTION READ ONLY, and for setting `transaction_read_only`.
  fileprivate var makesTransactionReadOnly: Bool {
    if begins(with: "SET", "TRANSACTION") { return contains("READ", "ONLY") }
    guard begins(with: "SET"), words.contains(where: { $0.isWord("TRANSACTION_READ_ONLY") }),
      let value = words.last
    else { return false }
    return ["ON", "TRUE", "YES", "1", "'ON'", "'TRUE'"].contains(value.text.uppercased())
  }
}
