/// The kinds of statements that have to be executed in different ways.
package enum StatementForm: Sendable, Equatable {
  /// BEGIN or START TRANSACTION.
  case begin
  /// COMMIT or END, which ends a transaction.
  case commit
  /// ROLLBACK or ABORT; not `ROLLBACK TO SAVEPOINT`.
  case rollback
  /// SET or RESET of a setting of the session; a later session has to execute it again.
  case setting
  /// CREATE INDEX CONCURRENTLY.
  case buildIndex(ConcurrentIndex)
  /// DROP INDEX CONCURRENTLY.
  case dropIndex(names: [String])
  /// REINDEX … CONCURRENTLY, of an index or of a table.
  case reindex(target: String, isIndex: Bool)
  /// ALTER TABLE … DETACH PARTITION … CONCURRENTLY.
  case detach(parent: String, partition: String)
  /// ALTER TYPE … ADD VALUE, which is allowed in a transaction, although the value cannot be used
  /// there.
  case addEnumValue
  /// A statement that the server refuses in a transaction, such as VACUUM or CREATE DATABASE.
  case outsideTransaction
  /// DO or CALL, whose code may end transactions.
  case procedure
  /// COPY … FROM stdin, with its data in the lines after it.
  case copyIn
  /// A statement of any other kind.
  case other
}

/// The index that a CREATE INDEX CONCURRENTLY builds; names are as written in SQL.
package struct ConcurrentIndex: Sendable, Equatable {
  /// The name of the index; nil where the server chooses the name.
  package let name: String?
  package let table: String
}

extension StatementForm {
  /// True where the server refuses the statement in a transaction, or where other statements of the
  /// transaction cannot use its result.
  package var mustRunAlone: Bool {
    switch self {
    case .buildIndex, .dropIndex, .reindex, .detach, .addEnumValue, .outsideTransaction: true
    default: false
    }
  }

  /// True where the statement can be in one transaction with the ledger's count.
  package var fitsTransaction: Bool {
    switch self {
    case .setting, .copyIn, .addEnumValue, .other: true
    default: false
    }
  }

  /// True for a statement that begins or ends a transaction.
  package var isTransactionControl: Bool { self == .begin || self == .commit || self == .rollback }
}

extension SQLStatement {
  /// The reason why migrations may not contain this statement; nil where they may.
  package var refusal: String? {
    if begins(with: "DISCARD", "ALL") {
      return "DISCARD ALL releases the lock that prevents a second run: write RESET ALL, "
        + "DISCARD PLANS, DISCARD TEMP or DISCARD SEQUENCES"
    }
    if begins(with: "PREPARE", "TRANSACTION") {
      return
        "PREPARE TRANSACTION leaves its work uncommitted, and the ledger would call that work "
        + "done: write COMMIT"
    }
    if form == .commit || form == .rollback, contains("AND", "CHAIN") {
      return "a run could not continue inside a chained transaction: write "
        + "\(words[0].text) and BEGIN as statements of their own"
    }
    return nil
  }

  /// The kind of the statement, found by its words.
  package var form: StatementForm {
    guard let first = words.first, first.kind == .word else { return .other }
    switch first.text {
    case "BEGIN": return .begin
    case "START" where begins(with: "START", "TRANSACTION"): return .begin
    case "COMMIT" where !begins(with: "COMMIT", "PREPARED"), "END": return .commit
    case "ROLLBACK" where index(of: "TO") == nil && !begins(with: "ROLLBACK", "PREPARED"):
      return .rollback
    case "ABORT": return .rollback
    case "SET"
    where !begins(with: "SET", "LOCAL") && !begins(with: "SET", "CONSTRAINTS")
      && !begins(with: "SET", "TRANSACTION"):
      return .setting
    case "RESET": return .setting
    case "SELECT" where setsOnly: return .setting
    case "CREATE": return creation
    case "DROP": return removal
    case "ALTER": return alteration
    case "REINDEX": return reindexing
    case "DO", "CALL": return .procedure
    case "COPY" where copiesIn: return .copyIn
    case "VACUUM": return .outsideTransaction
    case "CLUSTER" where words.count == 1 || begins(with: "CLUSTER", "VERBOSE") && words.count == 2:
      return .outsideTransaction
    case "COMMIT" where begins(with: "COMMIT", "PREPARED"): return .outsideTransaction
    case "ROLLBACK" where begins(with: "ROLLBACK", "PREPARED"): return .outsideTransaction
    default: return .other
    }
  }

  /// True for a statement that only calls `set_config(…)`, which has the same effect as SET.
  private var setsOnly: Bool {
    let plain = words.filter { $0.depth == 0 }.map(\.text)
    let isBare = plain.allSatisfy {
      ["SELECT", "PG_CATALOG", "SET_CONFIG", ".", ",", "(", ")"].contains($0)
    }
    // Settings are repeated in a later session: a function inside must not be called twice.
    return isBare && plain.contains("SET_CONFIG")
      && !words.contains { $0.depth > 0 && $0.text == "(" }
  }

  private var creation: StatementForm {
    if begins(with: "CREATE", "DATABASE") || begins(with: "CREATE", "TABLESPACE")
      || begins(with: "CREATE", "SUBSCRIPTION")
    {
      return .outsideTransaction
    }
    guard let index = indexCreation, index.isConcurrent else { return .other }
    return .buildIndex(ConcurrentIndex(name: index.name, table: index.table))
  }

  private var removal: StatementForm {
    if begins(with: "DROP", "DATABASE") || begins(with: "DROP", "TABLESPACE")
      || begins(with: "DROP", "SUBSCRIPTION")
    {
      return .outsideTransaction
    }
    guard begins(with: "DROP", "INDEX", "CONCURRENTLY") else { return .other }
    var start = 3
    if words.dropFirst(3).first?.isWord("IF") == true { start += 2 }
    var names: [String] = []
    while let (name, end) = qualifiedName(at: start) {
      names.append(name)
      guard end < words.count, words[end].text == "," else { break }
      start = end + 1
    }
    return .dropIndex(names: names)
  }

  private var alteration: StatementForm {
    if begins(with: "ALTER", "TYPE"), contains("ADD", "VALUE") { return .addEnumValue }
    if begins(with: "ALTER", "SYSTEM") { return .outsideTransaction }
    if begins(with: "ALTER", "DATABASE"), contains("SET", "TABLESPACE") {
      return .outsideTransaction
    }
    if begins(with: "ALTER", "TABLE"), let detach = index(of: "DETACH"),
      index(of: "CONCURRENTLY", from: detach) != nil,
      let (parent, _) = qualifiedName(at: alteredTableStart),
      let (partition, _) = qualifiedName(at: detach + 2)
    {
      return .detach(parent: parent, partition: partition)
    }
    return .other
  }

  private var reindexing: StatementForm {
    let isConcurrent = words.contains { $0.isWord("CONCURRENTLY") }
    let kinds: Set<String> = ["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"]
    guard let place = words.firstIndex(where: { $0.depth == 0 && kinds.contains($0.text) }) else {
      return .outsideTransaction
    }
    let kind = words[place].text
    guard kind == "INDEX" || kind == "TABLE" else { return .outsideTransaction }
    guard isConcurrent else { return .other }
    let start = place + 1
    let skipped = words.dropFirst(start).first?.isWord("CONCURRENTLY") == true ? 1 : 0
    guard let (name, _) = qualifiedName(at: start + skipped) else { return .outsideTransaction }
    return .reindex(target: name, isIndex: kind == "INDEX")
  }
}
