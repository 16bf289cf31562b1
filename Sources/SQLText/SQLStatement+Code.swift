/// Tells by a statement's words whether it may run functions or write rows.
extension SQLStatement {
  /// False for a statement that only defines, drops or describes something, so that no function
  /// runs.
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

  /// True for a statement whose first word shows that it changes rows or may change rows.
  package var mayWriteRows: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    return [
      "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY", "WITH", "DO", "CALL", "EXECUTE",
      "EXPLAIN", "PREPARE",
    ].contains(first.text)
  }

  /// True for a statement that, by its words, only creates a table or an index, sets a comment, or
  /// inserts a list of VALUES.
  package var isPlain: Bool {
    begins(with: "CREATE", "TABLE") && index(of: "AS") == nil || begins(with: "CREATE", "INDEX")
      || begins(with: "CREATE", "UNIQUE", "INDEX") || begins(with: "COMMENT", "ON")
      || begins(with: "INSERT", "INTO") && index(of: "VALUES") != nil
  }
}
