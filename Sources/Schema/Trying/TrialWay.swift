internal import SQLText

/// How a trial goes about a statement.
enum TrialWay: Equatable {
  /// It is executed.
  case execute
  /// It is left out; it takes nothing away by what it is.
  case leaveOut
  /// It is left out; what it takes away stands in it.
  case read([NamedRemoval])
  /// It is left out; where it would set sequences is found out another way.
  case evaluateSequences
  /// It is left out, and nobody knows what it takes away.
  case unknown(reason: String)

  /// True where what it takes away stands in it.
  var isRead: Bool { if case .read = self { true } else { false } }
}

extension SQLStatement {
  /// How a trial goes about it.
  var trialWay: TrialWay {
    switch form {
    case .begin, .commit, .rollback, .buildIndex, .reindex: return .leaveOut
    case .dropIndex(let names): return .read(names.map(NamedRemoval.index))
    case .detach(let parent, let partition): return .read([.partition(partition, of: parent)])
    case .outsideTransaction: return wayOutside
    default: break
    }
    // What a trial's transaction has begun with cannot be set any more; it takes nothing away.
    if begins(with: "SET", "TRANSACTION") { return .leaveOut }
    if onlySetsSequences { return .evaluateSequences }
    if let effect = outsideEffect { return .unknown(reason: OutsideEffect.reason(effect)) }
    return .execute
  }

  private var wayOutside: TrialWay {
    if words.count > 1, words[1].isWord("PREPARED") {
      return .unknown(reason: "nobody knows what the prepared transaction holds")
    }
    if begins(with: "ALTER", "SYSTEM") {
      return .unknown(reason: OutsideEffect.reason("changes the server's configuration"))
    }
    guard begins(with: "DROP"), words.count > 2 else { return .leaveOut }
    let start = words[2].isWord("IF") ? 4 : 2
    guard let (name, _) = qualifiedName(at: start) else { return .leaveOut }
    return .read([.other(kind: words[1].text.lowercased(), name: name)])
  }

  /// True for `SELECT setval(…)` over harmless functions: no rollback would undo it.
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
  /// Why a trial has left it out; nil where that was its own part.
  func reasonUntried(_ way: TrialWay) -> String? {
    switch way {
    case .execute: return nil
    case .unknown(let reason): return reason
    case .evaluateSequences: return "no rollback sets a sequence back; its positions were evaluated"
    case .leaveOut, .read: break
    }
    if begins(with: "SET", "TRANSACTION") { return "the trial's transaction has begun" }
    return "not allowed in a transaction"
  }
}
