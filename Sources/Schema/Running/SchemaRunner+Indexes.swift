internal import Postgres

extension SchemaRunner {
  /// Builds an index concurrently, over whatever an earlier build has left.
  func build(_ index: ConcurrentIndex, by statement: SQLStatement, isInDoubt: Bool) throws {
    try removeInvalid(index)
    if isInDoubt, let name = try catalogueName(of: index), try stands(name, on: index.table) {
      return observe(.foundDone(statement))
    }
    do {
      try send(statement)
    } catch {
      // The first error is the one to report; what it left goes if it can.
      if connection.isUsable { try? removeInvalid(index) }
      throw error
    }
  }

  /// The index's name with the schema of its table, where it is made; nil for one without a name.
  private func catalogueName(of index: ConcurrentIndex) throws(PostgresError) -> String? {
    guard let name = index.name else { return nil }
    return try connection.scalar(
      """
      SELECT quote_ident(n.nspname) || '.' || \(name)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass(\(index.table))
      """)
  }

  /// True where a valid index of that name is this table's; one of another table is another index.
  private func stands(_ name: String, on table: String) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (SELECT FROM pg_index
        WHERE indexrelid = to_regclass(\(name)) AND indrelid = to_regclass(\(table)) AND indisvalid)
      """) ?? false
  }

  /// Takes away INVALID indexes: the named one, or all of the table where the name is the server's.
  private func removeInvalid(_ index: ConcurrentIndex) throws {
    try InvalidIndexes(of: index.table, on: connection)
      .remove(named: try catalogueName(of: index)) { observe(.removedInvalidIndex($0)) }
  }

  /// Takes away the copies (`_ccnew`, `_ccold`) that a failed REINDEX CONCURRENTLY has left.
  func removeLeftovers(of target: String, isIndex: Bool) throws {
    let table: String? =
      isIndex
      ? try connection.scalar(
        "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = to_regclass(\(target))")
      : target
    guard let table else { return }
    try InvalidIndexes(of: table, on: connection)
      .remove(where: \.isCopy) { observe(.removedInvalidIndex($0)) }
  }

  /// A detaching that was cut short stands as pending until it is finalised.
  func finishDetaching(_ partition: String, from parent: String, by statement: SQLStatement)
    throws
  {
    let rows = try connection.query(
      """
      SELECT inhdetachpending FROM pg_inherits
      WHERE inhrelid = to_regclass(\(partition)) AND inhparent = to_regclass(\(parent))
      """)
    if rows.rowCount == 0 { return observe(.foundDone(statement)) }
    guard try rows.value(0, 0, as: Bool.self) else { return try send(statement) }
    try connection.execute(
      script: SQL(script: "ALTER TABLE \(parent) DETACH PARTITION \(partition) FINALIZE"))
  }
}
