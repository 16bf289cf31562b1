/// Whether a statement runs functions and writes rows, by its form.
extension SQLStatement {
  /// False for what only defines, drops or describes something: no function runs.
  package var runsCode: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    switch first.text {
    case "DROP", "COMMENT", "GRANT", "REVOKE", "SECURITY", "SET", "RESET", "SHOW", "LOCK":
      return false
    case "ALTER":
      return words.count > 1
        && ["TABLE", "DOMAIN", "MATERIALIZED", "FOREIGN"].contains(words[1].text)
    case "CREATE":
      return index(of: "MATERIALIZED") == 1 || indexCreation != nil
        || createdTable != nil && index(of: "AS") != nil
    default: return true
    }
  }

  /// True for what changes rows, or may by a form that says nothing of it.
  package var mayWriteRows: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    return [
      "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY", "WITH", "DO", "CALL", "EXECUTE",
      "EXPLAIN", "PREPARE",
    ].contains(first.text)
  }

  /// True for what only makes tables and indexes or adds rows, by its form; it calls no function of
  /// its own accord.
  package var isPlain: Bool {
    begins(with: "CREATE", "TABLE") && index(of: "AS") == nil || begins(with: "CREATE", "INDEX")
      || begins(with: "CREATE", "UNIQUE", "INDEX") || begins(with: "COMMENT", "ON")
      || begins(with: "INSERT", "INTO") && index(of: "VALUES") != nil
  }
}
