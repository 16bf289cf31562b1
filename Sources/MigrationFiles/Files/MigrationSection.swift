package import SQLText

/// The up or the down part of a migration: its statements, and how they are run.
package struct MigrationSection: Sendable, Equatable {
  /// The file, as it is shown in errors.
  package let file: String
  /// The text with its `-- migrate:` line, as the ledger stores it.
  package let text: String
  /// The statements in order.
  package let statements: [SQLStatement]
  /// True where the file says that its statements are not one transaction, such as by
  /// `transaction:false`.
  package let refusesTransaction: Bool
  /// The form of the file.
  package var form = MigrationForm.sections

  /// How statements and transactions are combined.
  package enum Mode: Sendable, Equatable {
    /// All statements and the ledger's row are one transaction.
    case oneTransaction
    /// Each statement is one transaction, together with the ledger's count of completed statements.
    case eachAlone
    /// The file itself states where transactions begin and end.
    case itsOwn
  }

  package var mode: Mode {
    let forms = statements.map(\.form)
    if forms.contains(where: \.isTransactionControl) { return .itsOwn }
    return refusesTransaction || forms.contains(where: \.mustRunAlone)
      ? .eachAlone : .oneTransaction
  }

  /// True where nothing has been written yet, not even a comment.
  package var isBlank: Bool {
    statements.isEmpty
      && text.split(whereSeparator: \.isNewline).allSatisfy { line in
        line.allSatisfy(\.isWhitespace) || line.hasPrefix("-- migrate:")
          || line.hasPrefix("--") && ToolMark(comment: String(line)) != nil
      }
  }

  /// How many lines the text has.
  package var lineCount: Int {
    text.utf8.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  }

  /// True where everything is undone when one statement fails.
  package var isOneTransaction: Bool { mode == .oneTransaction }

  /// Creates the down part of a repeatable migration, which has nothing to undo.
  static func nothingToUndo(of file: String) -> MigrationSection {
    MigrationSection(
      file: file, text: "-- nothing is undone; the next schema up runs this migration again",
      statements: [],
      refusesTransaction: false, form: .flyway)
  }
}
