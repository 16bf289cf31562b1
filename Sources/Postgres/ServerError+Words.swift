extension ServerError: CustomStringConvertible {
  /// The error on one line for people: message, code and remedy, and never a value of a row.
  ///
  /// - Words that a function or trigger of the application has chosen are left out, and the
  ///   function is named.
  /// - While rows are handled, words that an expression of the table may have made from a row's
  ///   value are left out, and the meaning of the error's code is given instead.
  /// - In a message about data that do not fit (class 22), everything in quotation marks is left
  ///   out.
  /// - For a violated constraint (classes 23, 44), the name and the table are given, and no detail.
  public var description: String {
    if let author {
      return
        "\(author) refused the statement (SQLSTATE \(sqlState)); the message is not shown, "
        + "because it may contain values of a row: see the server's log"
    }
    if mayRepeatValue {
      return "an expression, rule or trigger of the table failed: \(plainWords) (SQLSTATE "
        + "\(sqlState)); the server's message is not shown, because it may contain values of a "
        + "row: see the server's log"
    }
    switch sqlState.prefix(2) {
    case "22": return "\(misfitDescription) (SQLSTATE \(sqlState))"
    case "23", "44": return "\(message)\(place) (SQLSTATE \(sqlState))"
    default:
      let more = [detail, hint.map { "hint: \($0)" }].compactMap(\.self).map { "; \($0)" }
      return "\(message) (SQLSTATE \(sqlState))" + more.joined()
    }
  }

  /// The function that chose the words of the message; nil where the server or this program chose
  /// the words.
  private var author: String? {
    guard let author = context.author else { return nil }
    if Self.raisingFunctions.contains(routine ?? "") { return author }
    let isPlain = isAboutResources || (isOfConstraint && namesKnownConstraint)
    return isPlain ? nil : author
  }

  /// True for the server's messages about resources and permissions, which never repeat values.
  private var isAboutResources: Bool {
    ["08", "25", "40", "53", "54", "55", "57", "58", "72"].contains(String(sqlState.prefix(2)))
      && sqlState != "58P01" && !isOfCharacter || sqlState == "42501"
  }

  /// True for an error of the function `chr`, whose message repeats the number that `chr` was
  /// given.
  private var isOfCharacter: Bool {
    sqlState == "54000" && message.hasPrefix("requested character")
  }

  /// True where a constraint was violated.
  private var isOfConstraint: Bool { ["23", "44"].contains(String(sqlState.prefix(2))) }

  /// True where an expression of the table may have put a row's value into the message, such as a
  /// name that was looked up, a file's name, or a text that was parsed as SQL.
  ///
  /// A message with a position in the statement is about the statement's own text, which contains
  /// no values.
  private var mayRepeatValue: Bool {
    isAmongRows && author == nil && position == nil && !isAboutResources && !isOfConstraint
      && !sqlState.hasPrefix("22") && !["42P07", "XX001", "XX002"].contains(sqlState)
  }

  /// The message about a value that does not fit its type, without values of a row.
  ///
  /// Numbers, dates and the like appear in the server's messages without quotation marks; only a
  /// number in a type, such as its length, is not a value of a row.
  private var misfitDescription: String {
    let shown = message.withoutQuotations
    let bare = shown.replacing(/type [a-z ]+\([0-9, ]+\)/, with: "")
    guard isAmongRows, bare.contains(where: \.isNumber) else { return shown }
    return
      "a value of a row does not fit; the server's message is not shown, because it contains the "
      + "value: see the server's log"
  }

  /// The meaning of the error's code.
  private var plainWords: String {
    switch sqlState {
    case "42704": "no such object"
    case "42P01": "no such table"
    case "42703": "no such column"
    case "42883": "no such function"
    case "3F000": "no such schema"
    case "3D000": "no such database"
    case "58P01": "no such file"
    case "42601": "a text that is not SQL"
    case "42602": "a text that is not a valid name"
    default: "the server does not accept a value of a row"
    }
  }

  /// The server's functions by which RAISE and ASSERT of PL/pgSQL, and similar statements of other
  /// languages, report errors.
  private static let raisingFunctions: Set<String> = [
    "exec_stmt_raise", "exec_stmt_assert", "PLy_elog_impl", "PLy_output", "plperl_util_elog",
    "pltcl_elog", "throw_tcl_error",
  ]

  /// The words that name the table, for a constraint whose message does not name the table; else
  /// empty.
  private var place: String {
    guard ["23505", "23P01"].contains(sqlState), let table else { return "" }
    return " of table " + (schema.map { "\($0)." } ?? "") + table
  }

  /// True for an error about a row rather than the server: data that do not fit or are too long for
  /// an index, a violated constraint, or a function that refuses the row.
  public var refusesRow: Bool {
    sqlState.hasPrefix("22") || isOfConstraint || sqlState == "54000" || author != nil
      || mayRepeatValue
  }

  /// True where a function or trigger of the application refused the statement, in words of its
  /// own.
  public var isWordedByFunction: Bool { author != nil }

  /// The statement inside of a block of this program's statement, or inside of a function, that
  /// failed; nil where there is none, or where it may contain values of rows.
  public var innerQuery: String? {
    author == nil && !isAmongRows ? innerStatement : nil
  }

  /// The functions and blocks that were running, the innermost first, without the statements in
  /// them.
  public var calls: [ServerCall] { context.calls }

  /// True where the policies of a table do not allow a row.
  public var isRefusedByPolicy: Bool { sqlState == "42501" && routine == "ExecWithCheckOptions" }

  /// Reads the number, from 1, of the row that a COPY into the table was processing; nil where it
  /// cannot be known.
  public func copiedRow(of table: QualifiedName) -> Int? { context.copiedRow(of: table.name) }

  /// Returns true where the error's detail contains `value`, such as an id that this program has
  /// made.
  public func repeats(_ value: String) -> Bool { detail?.contains(value) ?? false }
}

extension String {
  /// The text without the part from its first to its last quotation mark, whatever language the
  /// marks belong to.
  var withoutQuotations: String {
    let marks = "\"„“”«»‹›「」『』"
    guard let first = firstIndex(where: marks.contains),
      let last = lastIndex(where: marks.contains)
    else { return self }
    return self[..<first] + "…" + self[index(after: last)...]
  }
}
