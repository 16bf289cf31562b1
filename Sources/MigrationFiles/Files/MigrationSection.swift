package import SQLText

/// The up part or the down part of a migration: its statements, and whether they are one
/// transaction.
package struct MigrationSection: Sendable, Equatable {
  /// The path of the file, as errors show it.
  package let file: String
  /// The text of the part as the ledger stores it, with its `-- migrate:` line.
  package let text: String
  /// The statements in order.
  package let statements: [SQLStatement]
  /// True where the file says that its statements are not one transaction, for example by
  /// `transaction:false`.
  package let refusesTransaction: Bool
  /// The form of the file.
  package var form = MigrationForm.sections

  /// The way in which the statements are divided into transactions.
  package enum Mode: Sendable, Equatable {
    /// All statements are one transaction, together with writing the ledger's row.
    case oneTransaction
    /// Each statement is a transaction, together with writing the number of executed statements.
    case eachAlone
    /// The statements of the file itself begin and end transactions.
    case itsOwn
  }

  package var mode: Mode {
    let forms = statements.map(\.form)
    if forms.contains(where: \.isTransactionControl) { return .itsOwn }
    return refusesTransaction || forms.contains(where: \.mustRunAlone)
      ? .eachAlone : .oneTransaction
  }

  /// True where the part is empty except for marks: it has no statement and no comment.
  package var isBlank: Bool {
    statements.isEmpty
      && text.split(whereSeparator: \.isNewline).allSatisfy { line in
        line.allSatisfy(\.isWhitespace) || line.hasPrefix("-- migrate:")
          || line.hasPrefix("--") && ToolMark(comment: String(line)) != nil
      }
  }

  /// The number of lines in the text.
  package var lineCount: Int {
    text.utf8.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  }

  /// True where a failing statement undoes all statements before it.
  package var isOneTransaction: Bool { mode == .oneTransaction }

  /// Creates the down part of a repeatable migration, which has nothing to undo.
  static func nothingToUndo(of file: String) -> MigrationSection {
    MigrationSection(
      file: file, text: "-- nothing is undone; the next schema up runs this migration again",
      statements: [],
      refusesTransaction: false, form: .flyway)
  }
}
