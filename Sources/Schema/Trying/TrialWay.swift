internal import SQLText

/// The way in which a trial handles a statement.
enum TrialWay: Equatable {
  /// The statement is executed.
  case execute
  /// The statement is left out, because it cannot cause losses.
  case leaveOut
  /// The statement is left out; its text names the objects that it removes.
  case read([NamedRemoval])
  /// The statement is left out; another query finds the positions that it would give to sequences.
  case evaluateSequences
  /// The statement is left out, and its losses are not known.
  case unknown(reason: String)

  /// True for the way in which the statement's text shows the objects that it removes.
  var isRead: Bool { if case .read = self { true } else { false } }
}

extension SQLStatement {
  /// The way in which a trial handles this statement, according to its text.
  var trialWay: TrialWay {
    switch form {
    case .begin, .commit, .rollback, .buildIndex, .reindex: return .leaveOut
    case .dropIndex(let names): return .read(names.map(NamedRemoval.index))
    case .detach(let parent, let partition): return .read([.partition(partition, of: parent)])
    case .outsideTransaction: return wayOutside
    default: break
    }
    // The properties of the trial's transaction cannot be changed any more; setting them causes no
    // losses.
    if begins(with: "SET", "TRANSACTION") { return .leaveOut }
    if onlySetsSequences { return .evaluateSequences }
    if let effect = outsideEffect { return .unknown(reason: OutsideEffect.reason(effect)) }
    return .execute
  }

  private var wayOutside: TrialWay {
    if words.count > 1, words[1].isWord("PREPARED") {
      return .unknown(reason: "it is not known what the prepared transaction contains")
    }
    if begins(with: "ALTER", "SYSTEM") {
      return .unknown(reason: OutsideEffect.reason("changes the server's configuration"))
    }
    guard begins(with: "DROP"), words.count > 2 else { return .leaveOut }
    let start = words[2].isWord("IF") ? 4 : 2
    guard let (name, _) = qualifiedName(at: start) else { return .leaveOut }
    return .read([.other(kind: words[1].text.lowercased(), name: name)])
  }

  /// True for a `SELECT setval(…)` that calls only harmless functions besides; no rollback can undo
  /// a `setval`.
  private var onlySetsSequences: Bool {
    guard begins(with: "SELECT") else { return false }
    let called = words.indices.dropLast().filter {
      words[$0].isName && words[$0 + 1].text == "(" && !Self.sqlWords.contains(words[$0].text)
    }.map { words[$0].text }
    return called.contains("SETVAL") && Set(called).isSubset(of: Self.harmlessCalls)
      && index(of: "INTO") == nil && index(of: "WITH") == nil
  }

  private static let sqlWords: Set = ["SELECT", "FROM", "WHERE", "IN", "AND", "OR", "NOT", "AS"]
  private static let harmlessCalls: Set = [
    "SETVAL", "MAX", "MIN", "COUNT", "COALESCE", "GREATEST", "LEAST", "PG_GET_SERIAL_SEQUENCE",
  ]
}

extension SQLStatement {
  /// Returns the reason why a trial has not executed the statement; nil where the trial has
  /// executed it.
  func reasonUntried(_ way: TrialWay) -> String? {
    switch way {
    case .execute: return nil
    case .unknown(let reason): return reason
    case .evaluateSequences:
      return "no rollback sets a sequence back; the new positions were evaluated instead"
    case .leaveOut, .read: break
    }
    if begins(with: "SET", "TRANSACTION") { return "the trial's transaction has begun" }
    return "not allowed in a transaction"
  }
}
