package import SQLText

/// One way of a migration: its statements, and how they are to be run.
package struct MigrationSection: Sendable, Equatable {
  /// The file, as it is shown in errors.
  package let file: String
  /// The text with its `-- migrate:` line, as the ledger keeps it.
  package let text: String
  /// The statements in order.
  package let statements: [SQLStatement]
  /// `transaction:false` was given.
  package let refusesTransaction: Bool
  /// How the file is written.
  package var form = MigrationForm.sections

  /// How its statements and transactions go together.
  package enum Mode: Sendable, Equatable {
    /// All statements and the ledger's row are one transaction.
    case oneTransaction
    /// Each statement is one, together with the ledger's count of statements done.
    case eachAlone
    /// The file says itself where transactions begin and end.
    case itsOwn
  }

  package var mode: Mode {
    let forms = statements.map(\.form)
    if forms.contains(where: \.isTransactionControl) { return .itsOwn }
    return refusesTransaction || forms.contains(where: \.mustStandAlone)
      ? .eachAlone : .oneTransaction
  }

  /// True where nobody has written anything yet, not even a comment.
  package var isBlank: Bool {
    statements.isEmpty
      && text.split(whereSeparator: \.isNewline).allSatisfy { line in
        line.allSatisfy(\.isWhitespace) || line.hasPrefix("-- migrate:")
          || line.hasPrefix("--") && ToolMark(comment: String(line)) != nil
      }
  }

  /// How many lines it has.
  package var lineCount: Int {
    text.utf8.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  }

  /// True where everything is undone when one statement fails.
  package var isOneTransaction: Bool { mode == .oneTransaction }

  /// The way down of what is only ever run again.
  static func nothingToUndo(of file: String) -> MigrationSection {
    MigrationSection(
      file: file, text: "-- nothing is undone; the next way up runs it again", statements: [],
      refusesTransaction: false, form: .flyway)
  }
}
