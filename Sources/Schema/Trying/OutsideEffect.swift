internal import SQLText
internal import Postgres

/// What a statement or a function's code does where no rollback reaches.
enum OutsideEffect {
  /// Why a statement is not tried.
  static func reason(_ effect: String) -> String {
    "it \(effect), which no rollback takes back, so it was not tried"
  }

  private static let file = "writes a file on the server"
  private static let program = "runs a program on the server"

  /// The functions of a database that do such a thing, and what may run them.
  static func functions(on connection: Connection) throws(PostgresError) -> FunctionReach {
    try FunctionReach.read(matching: pattern, on: connection) { function in
      if let effect = find(in: function.code) {
        return "may call \(function.name), which \(effect)"
      }
      return function.isTrusted
        ? nil : "may call \(function.name), whose language may do anything on the server"
    }
  }

  /// What code would do outside of the database; nil where no word of it says so.
  static func find(in code: CodeWords) -> String? {
    for index in code.pieces.indices {
      guard case .word(let word) = code.pieces[index] else { continue }
      if let call = calls.first(where: { word.hasPrefix($0) }) { return "calls \(call)" }
      if word == "copy", code.beginsStatement(at: index), let found = copying(code, from: index) {
        return found
      }
    }
    return nil
  }

  /// What a COPY does whose other words follow, perhaps in other strings.
  private static func copying(_ code: CodeWords, from start: Int) -> String? {
    var depth = 0
    var isFrom = false
    for piece in code.pieces[(start + 1)...] {
      guard case .word(let word) = piece else { continue }
      switch word {
      case ";": return nil
      case "(": depth += 1
      case ")": depth -= 1
      case "program": return program
      case "to" where depth <= 0: return file
      // A file that is read is as it was.
      case _ where isFrom: return nil
      case "from" where depth <= 0: isFrom = true
      default: break
      }
    }
    return nil
  }

  private static let calls = [
    "dblink", "lo_export", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf",
    "pg_rotate_logfile", "pg_promote", "pg_file_write", "pg_file_unlink", "pg_file_rename",
    "pg_file_sync", "pg_switch_wal", "pg_create_restore_point", "pg_logical_emit_message",
  ]

  /// A pattern that every text matches in which something is found.
  private static let pattern = "copy|" + calls.joined(separator: "|")
}

extension CodeWords {
  /// True where a statement may begin: at the front, behind a semicolon or a word that opens a block,
  /// in a string.
  fileprivate func beginsStatement(at index: Int) -> Bool {
    guard index > 0, case .word(let word) = pieces[index - 1] else { return true }
    return [";", "begin", "then", "else", "loop", "exception", ">>"].contains(word)
  }
}

extension SQLStatement {
  /// What the statement itself, or the code that it brings along, does where no rollback reaches.
  var outsideEffect: String? {
    guard runsCode else { return nil }
    if begins(with: "COPY") {
      return copiesIn ? nil : OutsideEffect.find(in: CodeWords(text))
    }
    if form == .procedure { return OutsideEffect.find(in: CodeWords(text)) }
    // Strings of other statements are values.
    return OutsideEffect.find(in: self.words)
  }
}

extension SQLStatement {
  /// True where there may be other functions with such an effect, or another way to them, after it.
  func mayDefineCode(_ known: FunctionReach) -> Bool {
    guard let first = words.first, first.kind == .word else { return false }
    if begins(with: "CREATE", "EXTENSION") { return true }
    let isFunction = words.prefix(4).contains { ["FUNCTION", "PROCEDURE"].contains($0.text) }
    if first.text == "CREATE", isFunction, OutsideEffect.find(in: CodeWords(text)) != nil {
      return true
    }
    return !known.isEmpty && ["CREATE", "ALTER", "DROP", "DO", "CALL"].contains(first.text)
  }
}

extension OutsideEffect {
  fileprivate static func find(in words: [SQLWord]) -> String? {
    for word in words where word.isName {
      if let call = calls.first(where: { word.name.hasPrefix($0) }) { return "calls \(call)" }
    }
    return nil
  }
}
