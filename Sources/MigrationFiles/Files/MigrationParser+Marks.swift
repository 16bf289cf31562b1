internal import OwnSchema
internal import SQLText

/// Reads files in which the marks of another tool, such as `-- +goose Up`, begin the parts.
extension MigrationParser {
  /// Splits a text into statements and marks.
  ///
  /// Some marks may also be ordinary comments, such as `-- Down Migration`. Such words count as a
  /// mark only where nothing else shows which part is up or down. Words that look like a mistyped
  /// mark count where no other mark begins a down part.
  func pieces(of text: MigrationText, way: MigrationFileName.Way) throws(SchemaError)
    -> [StatementSplitter.Piece]
  {
    do throws(SyntaxFault) {
      let pieces = try StatementSplitter.pieces(of: text.bytes)
      guard pieces.contains(where: \.isWeak) else { return pieces }
      let isMarked = pieces.contains(where: \.isStrong)
      if folder != nil || way != .both && !isRecorded
        || isMarked && (isRecorded || pieces.contains(where: \.beginsWayDown))
      {
        return pieces.filter { !$0.isWeak }
      }
      let all = try StatementSplitter.pieces(of: text.bytes, readsPlainWords: true)
      return isMarked ? all.filter { !$0.isWeak || $0.meaning == .lookalike } : all
    } catch { throw fault(error) }
  }

  /// Finds the form that the marks in a file belong to; nil for a file without marks.
  ///
  /// - Throws: where the marks belong to several tools, or do not fit the folder or the file's
  ///   name.
  func form(of pieces: [StatementSplitter.Piece], way: MigrationFileName.Way)
    throws(SchemaError) -> MigrationForm?
  {
    var first: (form: MigrationForm, position: SourcePosition)?
    for piece in pieces {
      guard let (form, shown, position) = try mark(in: piece) else { continue }
      if let folder, !isRecorded {
        throw fault(
          "\(shown) is a mark of \(form.rawValue), in a folder of \(folder.rawValue)", position,
          remedy: "keep the files of one tool in one folder")
      }
      if way != .both, form != .sections, !isRecorded {
        throw fault(
          "\(shown) is a mark of \(form.rawValue), and the file's name says its direction already",
          position, remedy: "keep either the mark, or .up.sql and .down.sql in the name")
      }
      if let first, first.form != form {
        throw fault(
          "\(shown) is a mark of \(form.rawValue), and line \(first.position.line) has a mark of "
            + first.form.rawValue, position, remedy: "write the whole file in the form of one tool")
      }
      first = first ?? (form, position)
    }
    return first?.form
  }

  private func mark(in piece: StatementSplitter.Piece) throws(SchemaError)
    -> (form: MigrationForm, shown: String, position: SourcePosition)?
  {
    switch piece {
    case .statement: return nil
    case .directive(let words, let position): return (.sections, "-- migrate:\(words)", position)
    case .mark(let mark, let position):
      if case .refused(let problem, let remedy) = mark.meaning, !isRecorded {
        throw fault("\(mark.text): \(problem)", position, remedy: remedy)
      }
      return mark.form.map { ($0, mark.text, position) }
    }
  }

  /// Reads a file in which marks of another tool begin the up part and the down part.
  func readMarks(
    _ pieces: [StatementSplitter.Piece], of text: MigrationText, way: MigrationFileName.Way,
    into content: inout Content
  ) throws(SchemaError) {
    var reader = MarkedSections(parser: self, form: content.form, lines: text.lines)
    // In goose one such mark, anywhere in the file, applies to the whole file; in other tools the
    // mark applies to one section.
    reader.isOutsideTransaction =
      content.form == .goose && pieces.contains { $0.meaning == .outsideTransaction }
    if content.form == .tern { reader.draft = Draft(isUp: way != .down, firstLine: 1) }
    for piece in pieces {
      switch piece {
      case .statement(let statement): try reader.take(statement)
      case .directive: break
      case .mark(let mark, let position): try reader.take(mark, at: position, into: &content)
      }
    }
    try reader.close(before: text.lines.count + 1, into: &content)
  }
}

/// The up and down parts of one file with marks, while the file is read.
private struct MarkedSections {
  let parser: MigrationParser
  let form: MigrationForm
  let lines: [ArraySlice<UInt8>]
  var isOutsideTransaction = false
  var draft: MigrationParser.Draft?
  /// The `StatementBegin` that has no `StatementEnd` yet, and the number of statements before it.
  private var block: (position: SourcePosition, count: Int)?
  private var suspect: (mark: ToolMark, position: SourcePosition)?

  package init(parser: MigrationParser, form: MigrationForm, lines: [ArraySlice<UInt8>]) {
    self.parser = parser
    self.form = form
    self.lines = lines
  }

  mutating func take(_ statement: SQLStatement) throws(SchemaError) {
    guard draft != nil else {
      throw parser.fault("there are statements before the first \(form.upMark)", statement.position)
    }
    if let refusal = statement.refusal { throw parser.fault(refusal, statement.position) }
    if let suspect, draft?.isUp == true { throw parser.lookalike(suspect.mark, suspect.position) }
    draft?.statements.append(statement)
  }

  mutating func take(
    _ mark: ToolMark, at position: SourcePosition, into content: inout MigrationParser.Content
  ) throws(SchemaError) {
    switch mark.meaning {
    case .up, .down: try begin(mark, at: position, into: &content)
    case .blockBegin:
      guard let draft, block == nil else {
        throw parser.fault(
          "\(mark.text) is \(block == nil ? "before the first \(form.upMark)" : "inside another block")",
          position)
      }
      block = (position, draft.statements.count)
    case .blockEnd:
      guard let open = block, let draft else {
        throw parser.fault("\(mark.text) ends nothing", position)
      }
      // Several statements sent as one text are one transaction by themselves.
      if draft.refusesTransaction, draft.statements.count > open.count + 1 {
        throw parser.fault(
          "this block holds several statements, which the server would run as one transaction",
          open.position, remedy: "give each statement a block of its own")
      }
      block = nil
    case .outsideTransaction: draft?.refusesTransaction = true
    case .lookalike: if draft?.isUp == true { suspect = (mark, position) }
    case .breakpoint, .nothing, .refused: break
    }
  }

  private mutating func begin(
    _ mark: ToolMark, at position: SourcePosition, into content: inout MigrationParser.Content
  ) throws(SchemaError) {
    let isUp = mark.meaning == .up
    try close(before: position.line, into: &content)
    guard isUp ? content.up == nil : content.down == nil else {
      throw parser.fault("\(mark.text) appears here twice", position)
    }
    if form == .goose, !isUp, content.up == nil, !parser.isRecorded {
      throw parser.fault("\(mark.text) comes before any -- +goose Up", position)
    }
    suspect = nil
    draft = MigrationParser.Draft(
      isUp: isUp, firstLine: form == .tern ? position.line + 1 : position.line,
      refusesTransaction: isOutsideTransaction || mark.refusesTransaction)
  }

  mutating func close(before line: Int, into content: inout MigrationParser.Content)
    throws(SchemaError)
  {
    if let block {
      throw parser.fault("this block is never closed (StatementEnd)", block.position)
    }
    // The text of one section would otherwise not contain the mark.
    let note = isOutsideTransaction ? "-- +goose NO TRANSACTION\n" : ""
    try parser.finish(draft, before: line, lines: lines, note: note, into: &content)
    draft = nil
  }
}

extension MigrationForm {
  /// True for a form in which marks of another tool begin the parts of a file.
  package var isSectioned: Bool {
    switch self {
    case .goose, .sqlMigrate, .tern, .nodePgMigrate: true
    default: false
    }
  }
}

extension StatementSplitter.Piece {
  /// The meaning of this piece as another tool's mark; nil where it is not such a mark.
  fileprivate var meaning: ToolMark.Meaning? {
    if case .mark(let mark, _) = self { mark.meaning } else { nil }
  }

  /// True for a mark in plain words, which may also be an ordinary comment.
  fileprivate var isWeak: Bool {
    if case .mark(let mark, _) = self { mark.isWeak } else { false }
  }

  /// True for a mark that cannot be an ordinary comment.
  fileprivate var isStrong: Bool {
    switch self {
    case .statement: false
    case .directive: true
    case .mark(let mark, _): !mark.isWeak
    }
  }

  /// True for a mark, not an ordinary comment, that begins a down part.
  fileprivate var beginsWayDown: Bool {
    switch self {
    case .statement: false
    case .directive(let words, _):
      MigrationParser.beginsSection(words) && words.hasPrefix("down")
    case .mark(let mark, _): !mark.isWeak && mark.meaning == .down
    }
  }

  /// True for a mark that begins an up or down part.
  var beginsSection: Bool {
    switch self {
    case .statement: false
    case .directive(let words, _): MigrationParser.beginsSection(words)
    case .mark(let mark, _): mark.meaning == .up || mark.meaning == .down
    }
  }
}
