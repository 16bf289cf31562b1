internal import OwnSchema
package import SQLText

/// One check of `verify.sql`, or one verify script of Sqitch.
///
/// In `verify.sql`, a check begins with a line `-- verify:structure TITLE` (or `integrity`,
/// `performance`). Its last statement returns rows of (`ok` boolean, `detail` text), where NULL
/// means undecided; the statements before it prepare that query.
package struct SchemaCheck: Sendable, Equatable {
  package let category: VerifyCategory
  package let title: String
  package let statements: [SQLStatement]
  /// The version of the migration that a verify script of Sqitch checks; nil for a check of
  /// `verify.sql`.
  ///
  /// Such a script is run where the migration is applied, and it succeeds where no statement fails.
  package var version: String?
  /// The version of the later migration that reworks the checked migration; nil where there is
  /// none.
  ///
  /// The check is left out once the later migration is applied.
  package var newerVersion: String?

  /// Reads all checks of a `verify.sql`.
  static func read(_ text: MigrationText, file: String) throws(SchemaError) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    var head: (VerifyCategory, String)?
    var body: [Substring] = []
    var firstLine = 1
    func finish() throws(SchemaError) {
      guard let (category, title) = head else { return }
      let padding = String(repeating: "\n", count: firstLine - 1)
      do throws(SyntaxFault) {
        let statements = try StatementSplitter.statements(
          of: padding + body.joined(separator: "\n"))
        checks.append(SchemaCheck(category: category, title: title, statements: statements))
      } catch {
        throw SchemaError("\(file):\(error.position): \(error.problem)", remedy: "correct the file")
      }
    }
    let lines = text.string.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard line.hasPrefix("-- verify:") else {
        body.append(line)
        continue
      }
      try finish()
      let words = line.dropFirst("-- verify:".count).split(separator: " ", maxSplits: 1)
      guard words.count == 2, let category = VerifyCategory(rawValue: String(words[0])) else {
        throw SchemaError(
          "\(file):\(index + 1): \(line) is not a check",
          remedy: "write -- verify:structure TITLE, -- verify:integrity TITLE or "
            + "-- verify:performance TITLE")
      }
      head = (category, String(words[1]))
      body = []
      firstLine = index + 2
    }
    try finish()
    return checks
  }
}

/// The subject of a check.
package enum VerifyCategory: String, Sendable, CaseIterable {
  /// Checks of tables, columns, indexes, constraints and functions.
  case structure
  /// Checks of the rules for the data.
  case integrity
  /// Checks of the time that typical queries take.
  case performance
}
