internal import MigrationFiles
internal import OwnSchema
internal import SQLText
internal import Postgres

extension SchemaRunner {
  /// Throws where a statement of a bundled set would replace a function or view of a role that is
  /// not trusted.
  ///
  /// The replaced object would still belong to that role, which could replace it again.
  func refuseForeignOwner(of statement: SQLStatement) throws {
    guard set.isBundled, let written = statement.replacedName else { return }
    let schema: String? = try connection.asWritten { () throws(PostgresError) in
      try connection.scalar("SELECT pg_catalog.current_schema()::pg_catalog.text")
    }
    let rows = try connection.query(
      RunningQueries.foreignOwner(trusted: TrustedRoles().tables, name: written, schema: schema))
    guard rows.rowCount == 1 else { return }
    throw TrustedRoles.refusal(
      of: try rows.value(0, 0), owner: try rows.value(0, 1),
      danger:
        "the set \(set.name) would run that object with the rights of every role that uses its "
        + "tables"
    )
  }
}

extension SQLStatement {
  /// The name of the function or view in CREATE OR REPLACE; nil for other statements.
  fileprivate var replacedName: String? {
    guard begins(with: "CREATE", "OR", "REPLACE"), words.count > 4,
      ["FUNCTION", "PROCEDURE", "VIEW"].contains(where: { words[3].isWord($0) })
    else { return nil }
    return qualifiedName(at: 4)?.name
  }
}
