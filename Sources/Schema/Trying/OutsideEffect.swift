internal import SQLText
internal import Postgres

/// The effects of statements and of functions that no rollback can undo.
enum OutsideEffect {
  /// Returns the sentence that says why a statement with such an effect was not tried: no rollback
  /// can undo the effect.
  static func reason(_ effect: String) -> String {
    "this statement \(effect), which no rollback can undo, so it was not tried"
  }

  private static let file = "writes a file on the server"
  private static let program = "runs a program on the server"

  /// Finds the functions of a database whose effect no rollback can undo, and everything that may
  /// run these functions.
  static func functions(on connection: Connection) throws(PostgresError) -> FunctionReach {
    try FunctionReach.read(matching: pattern, calling: machine, on: connection) { function in
      if let effect = find(in: function.code) {
        return "may call \(function.name), which \(effect)"
      }
      return function.isTrusted
        ? nil : "may call \(function.name), whose language may do anything on the server"
    }
  }

  /// Returns the first effect of a piece of code that no rollback can undo; nil where there is no
  /// such effect.
  static func find(in code: CodeWords) -> String? {
    for index in code.pieces.indices {
      guard case .word(let word) = code.pieces[index] else { continue }
      if let call = call(word) { return "calls \(call)" }
      if word == "copy", code.beginsStatement(at: index), let found = copying(code, from: index) {
        return found
      }
    }
    return nil
  }

  /// Returns the effect of a COPY that begins at `start`; its words may be in several strings.
  ///
  /// Nil where it writes no file and runs no program.
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
      // Reading a file does not change it.
      case _ where isFrom: return nil
      case "from" where depth <= 0: isFrom = true
      default: break
      }
    }
    return nil
  }

  /// The first letters of the names of functions whose effect no rollback can undo, in SQL and in
  /// the server's machine code.
  private static let calls = [
    "dblink", "lo_export", "be_lo_export", "pg_terminate_backend", "pg_cancel_backend",
    "pg_reload_conf", "pg_rotate_logfile", "pg_logfile_rotate", "pg_promote", "pg_file_write",
    "pg_file_unlink", "pg_file_rename", "pg_file_sync", "pg_switch_wal", "pg_create_restore_point",
    "pg_logical_emit_message", "pg_create_physical_replication_slot",
    "pg_create_logical_replication_slot", "pg_copy_physical_replication_slot",
    "pg_copy_logical_replication_slot", "pg_drop_replication_slot", "pg_replication_slot_advance",
    "pg_sync_replication_slots", "pg_logical_slot_get_changes",
    "pg_logical_slot_get_binary_changes", "pg_replication_origin_create",
    "pg_replication_origin_drop", "pg_replication_origin_advance",
    "pg_replication_origin_session_setup", "pg_replication_origin_session_reset",
    "pg_replication_origin_xact_setup", "pg_replication_origin_xact_reset", "heap_force_kill",
    "heap_force_freeze", "pg_truncate_visibility_map", "pg_stat_reset", "pg_stat_statements_reset",
    "pg_backup_start", "pg_backup_stop", "pg_start_backup", "pg_stop_backup",
    "pg_wal_replay_pause", "pg_wal_replay_resume", "pg_log_standby_snapshot",
    "pg_log_backend_memory_contexts", "autoprewarm_start_worker",
  ]

  /// The first letters of all names in `calls`; most words begin with none of them and are skipped.
  private static let heads = [
    "pg_", "dblink", "lo_export", "be_lo_export", "heap_force", "autoprewarm",
  ]

  /// Returns the entry of `calls` that a word begins with; nil where there is no such entry.
  fileprivate static func call(_ name: String) -> String? {
    guard heads.contains(where: { name.hasPrefix($0) }) else { return nil }
    return calls.first { name.hasPrefix($0) }
  }

  /// A pattern that matches every text which may contain an effect that no rollback can undo.
  private static let pattern = "copy|" + calls.joined(separator: "|")

  /// The functions whose effect no rollback can undo, found by their names in the server's machine
  /// code, because a function may have another name in SQL.
  ///
  /// Where a function's name in SQL is in `calls`, the statement's words show the effect already.
  private static var machine: FunctionReach.Machine {
    FunctionReach.Machine(
      symbols: "^(\(calls.joined(separator: "|")))",
      effect: { name, symbol in
        name == symbol ? "may call \(name)" : "may call \(name), which is \(symbol)"
      },
      isKnown: { call($0) != nil })
  }
}

extension CodeWords {
  /// Returns true where a statement may begin: at the beginning of the code, after a semicolon,
  /// after a word that opens a block, or at the beginning of a string.
  fileprivate func beginsStatement(at index: Int) -> Bool {
    guard index > 0, case .word(let word) = pieces[index - 1] else { return true }
    return [";", "begin", "then", "else", "loop", "exception", ">>"].contains(word)
  }
}

extension SQLStatement {
  /// The effect of this statement, or of the code in it, that no rollback can undo; nil where there
  /// is no such effect.
  var outsideEffect: String? {
    guard runsCode else { return nil }
    if begins(with: "COPY") {
      return copiesIn ? nil : OutsideEffect.find(in: CodeWords(text))
    }
    if form == .procedure { return OutsideEffect.find(in: CodeWords(text)) }
    // The strings of other statements are values.
    return OutsideEffect.find(in: self.words)
  }
}

extension SQLStatement {
  /// Returns true where the statement may define a function whose effect no rollback can undo, or
  /// another object that runs such a function.
  func mayDefineCode(_ known: FunctionReach) -> Bool {
    guard let first = words.first, first.kind == .word else { return false }
    if begins(with: "CREATE", "EXTENSION") { return true }
    if ["CREATE", "ALTER"].contains(first.text) {
      let isFunction = words.prefix(4).contains { ["FUNCTION", "PROCEDURE"].contains($0.text) }
      if isFunction, OutsideEffect.find(in: CodeWords(text)) != nil { return true }
      if OutsideEffect.find(in: words) != nil { return true }
    }
    return !known.isEmpty && ["CREATE", "ALTER", "DROP", "DO", "CALL"].contains(first.text)
  }
}

extension OutsideEffect {
  fileprivate static func find(in words: [SQLWord]) -> String? {
    for word in words where word.isName {
      if let call = call(word.name) { return "calls \(call)" }
    }
    return nil
  }
}
