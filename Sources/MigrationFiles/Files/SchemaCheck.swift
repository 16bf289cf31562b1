internal import OwnSchema
package import SQLText

/// One check of a set's `verify.sql`: a query whose rows say what is right and what is not.
///
/// A check begins with a line `-- verify:structure TITLE` (or `integrity`, `performance`). Its last
/// statement returns rows of (`ok` boolean, `detail` text), with NULL for undecided; the statements
/// before it prepare this query.
package struct SchemaCheck: Sendable, Equatable {
  package let category: VerifyCategory
  package let title: String
  package let statements: [SQLStatement]
  /// The version of the migration that a Sqitch script checks; nil for a check of `verify.sql`.
  ///
  /// Such a script is run where that migration is applied, and succeeds where no statement fails.
  package var version: String?
  /// The version of the migration that reworks the checked one; once that migration is applied,
  /// this check is left out; nil where there is none.
  package var newerVersion: String?

  /// Reads all checks of a file.
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
  /// Tables, columns, indexes, constraints, functions.
  case structure
  /// The rules for the data.
  case integrity
  /// The time that typical work takes.
  case performance
}
