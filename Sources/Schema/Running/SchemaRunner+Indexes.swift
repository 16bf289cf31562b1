internal import Glibc
internal import Postgres

extension SchemaRunner {
  /// Builds an index concurrently, over whatever an earlier build has left.
  func build(_ index: ConcurrentIndex, by statement: SQLStatement, isInDoubt: Bool) throws {
    try removeInvalid(index)
    if isInDoubt, let name = try catalogueName(of: index), try exists(name) {
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

  /// Takes away INVALID indexes: the named one, or all of the table where the name is the server's.
  private func removeInvalid(_ index: ConcurrentIndex) throws {
    let name = try catalogueName(of: index)
    try remove(
      invalidIndexes: {
        try connection.query(
          """
          SELECT format('%I.%I', n.nspname, c.relname)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE i.indrelid = to_regclass(\(index.table)) AND NOT i.indisvalid AND c.relkind = 'i'
            AND (\(name)::text IS NULL OR i.indexrelid = to_regclass(\(name)))
          """)
      }, onTable: index.table)
  }

  /// Takes away the copies (`_ccnew`, `_ccold`) that a failed REINDEX CONCURRENTLY has left.
  func removeLeftovers(of target: String, isIndex: Bool) throws {
    let table: String? =
      isIndex
      ? try connection.scalar(
        "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = to_regclass(\(target))")
      : target
    guard let table else { return }
    try remove(
      invalidIndexes: {
        try connection.query(
          """
          SELECT format('%I.%I', n.nspname, c.relname)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE i.indrelid = to_regclass(\(table)) AND NOT i.indisvalid
            AND c.relname ~ '_cc(new|old)[0-9]*$'
          """)
      }, onTable: table)
  }

  private func remove(invalidIndexes find: () throws -> QueryResult, onTable table: String) throws {
    // One that is being built is INVALID too: dropping would wait and then take a good index.
    while try find().rowCount > 0, try isBuildUnderWay(on: table) { usleep(200_000) }
    let rows = try find()
    for row in 0..<rows.rowCount {
      let name: String = try rows.value(row, 0)
      try connection.execute(script: SQL(script: "DROP INDEX CONCURRENTLY IF EXISTS \(name)"))
      observe(.removedInvalidIndex(name))
    }
  }

  private func isBuildUnderWay(on table: String) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (
        SELECT FROM pg_stat_progress_create_index
        WHERE relid = to_regclass(\(table)) AND pid <> pg_backend_pid())
      """) ?? false
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
