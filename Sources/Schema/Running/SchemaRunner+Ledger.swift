internal import MigrationFiles
internal import OwnSchema
internal import SQLText
internal import Postgres

/// Keeps the ledger apart from the tables that the statements of a file name.
extension SchemaRunner {
  /// Returns the text of a statement for the server.
  ///
  /// A bundled set reads the ledger where it usually is; the text names the ledger's place instead.
  func text(of statement: SQLStatement) -> String {
    guard set.isBundled, options.ledger != .usualLedger else { return statement.text }
    return statement.text.replacing(
      "\(QualifiedName.usualLedger.description)", with: options.ledger.quoted)
  }

  /// Throws where a statement of the plan writes to the ledger, by its text.
  func refuseLedgerWrites(in plan: SchemaPlan) throws {
    guard !set.isBundled else { return }
    for step in plan.steps {
      var mayBeElsewhere = false
      for statement in step.section.statements.dropFirst(step.done) {
        for target in statement.targets
        where try isLedger(target.name, mayBeElsewhere: mayBeElsewhere) {
          throw SchemaError(
            "\(step.section.file):\(target.position): the statement writes to \(options.ledger), "
              + "the table in which this program records migrations",
            remedy:
              "remove the statement, because the program records each migration by itself; or, "
              + "if the file means a table of its own, choose another table for the program's "
              + "records, such as --ledger \(MigrationLedger.example)")
        }
        if statement.text.lowercased().contains("search_path") { mayBeElsewhere = true }
      }
    }
  }

  /// Returns true where a name in a statement means the ledger.
  ///
  /// - Parameter mayBeElsewhere: true where an earlier statement has changed the search path, so
  ///   that a name without a schema may mean another table.
  private func isLedger(_ written: String, mayBeElsewhere: Bool) throws(PostgresError) -> Bool {
    let plain = written.replacing("\"", with: "")
    if plain == options.ledger.description { return true }
    guard !mayBeElsewhere, plain == options.ledger.name.name else { return false }
    if let full = try connection.fullName(asWritten: written) {
      return full.replacing("\"", with: "") == options.ledger.description
    }
    // A table that does not exist yet would be created in the first schema of the path.
    let schema: String? = try connection.asWritten { () throws(PostgresError) in
      try connection.scalar("SELECT pg_catalog.current_schema()::pg_catalog.text")
    }
    return schema == options.ledger.schema?.name
  }

  /// Returns true where the server has refused a statement of a file because of the ledger's table:
  /// the name may be in the body of DO or of a function.
  private func concernsLedger(_ fault: StatementFault) -> Bool {
    guard let statement = fault.statement, let error = fault.cause.serverError, !set.isBundled
    else { return false }
    let name = options.ledger.name.name
    guard statement.text.contains(name) else { return false }
    if error.table == name {
      return error.schema == nil || error.schema == options.ledger.schema?.name
    }
    return error.message.contains("relation \"\(name)\"")
  }

  /// Explains a failure of which the program knows more than the server's message says; returns nil
  /// for other failures.
  func explanation(of fault: StatementFault, in step: SchemaPlan.Step) -> String? {
    if concernsLedger(fault) {
      return "\(options.ledger) is the table in which this program records migrations, and the "
        + "statement writes to it: remove the statement, or choose another table for the "
        + "program's records with --ledger"
    }
    // The codes for a table, another object, a column and a function that exist already.
    let codes = ["42P07", "42710", "42701", "42723"]
    guard step.isUp, step.isFresh, let code = fault.cause.serverError?.sqlState,
      codes.contains(code)
    else { return nil }
    let set = set.isBundled ? " --set \(set.name)" : set.directory.map { " --dir \($0)" } ?? ""
    return "this object was in the database before the migration: run vector-ferry schema baseline"
      + "\(set), which marks the migrations that the database has already"
  }
}
