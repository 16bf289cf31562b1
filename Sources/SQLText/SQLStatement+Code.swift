/// Decides by a statement's form whether it runs functions and writes rows.
extension SQLStatement {
  /// False for a statement that only defines, drops or describes something: no function runs.
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

  /// True for a statement that changes rows, or whose form does not rule that out.
  package var mayWriteRows: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    return [
      "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY", "WITH", "DO", "CALL", "EXECUTE",
      "EXPLAIN", "PREPARE",
    ].contains(first.text)
  }

  /// True for a statement that, by its form, only creates a table or an index, sets the comment of
  /// an object, or inserts the rows of a VALUES list.
  package var isPlain: Bool {
    begins(with: "CREATE", "TABLE") && index(of: "AS") == nil || begins(with: "CREATE", "INDEX")
      || begins(with: "CREATE", "UNIQUE", "INDEX") || begins(with: "COMMENT", "ON")
      || begins(with: "INSERT", "INTO") && index(of: "VALUES") != nil
  }
}
