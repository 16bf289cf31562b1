internal import Glibc
package import Postgres

/// Indexes of one table that a broken CREATE INDEX or REINDEX CONCURRENTLY has left behind: kept up
/// at every write, used by no search.
package struct InvalidIndexes {
  let connection: Connection
  let table: String

  /// One of them.
  package struct Index: Sendable, Equatable {
    /// Its quoted name with its schema.
    package let name: String
    /// Its access method, such as `hnsw`.
    package let method: String
    /// A copy (`_ccnew`, `_ccold`) that only REINDEX CONCURRENTLY has made.
    package let isCopy: Bool
  }

  /// The indexes of `table`, which is written as `regclass` reads it.
  package init(of table: String, on connection: Connection) {
    self.table = table
    self.connection = connection
  }

  /// All that are INVALID now, or the one of that name; one that is being built is INVALID, too.
  package func found(named name: String? = nil) throws(PostgresError) -> [Index] {
    let rows = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, c.relname), a.amname::text,
             c.relname ~ '_cc(new|old)[0-9]*$'
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
      WHERE i.indrelid = to_regclass(\(table)) AND NOT i.indisvalid AND c.relkind = 'i'
        AND (\(name)::text IS NULL OR i.indexrelid = to_regclass(\(name)))
      ORDER BY 1
      """)
    return try rows.map { (row) throws(PostgresError) in
      Index(
        name: try rows.value(row, 0), method: try rows.value(row, 1), isCopy: try rows.value(row, 2)
      )
    }
  }

  /// The process of another session that builds an index of the table now; nil where none does.
  package func builder() throws(PostgresError) -> Int? {
    try connection.scalar(
      """
      SELECT p.pid FROM pg_stat_progress_create_index p
      WHERE p.pid <> pg_backend_pid() AND p.datname = current_database()
        AND (p.relid = to_regclass(\(table))
          -- Of another role's build the table is not reported, but its lock is.
          OR p.relid IS NULL AND EXISTS (
            SELECT FROM pg_locks l
            WHERE l.pid = p.pid AND l.relation = to_regclass(\(table)) AND l.granted
              AND l.mode IN ('ShareLock', 'ShareUpdateExclusiveLock')))
      LIMIT 1
      """)
  }

  /// Drops those that are meant, without keeping anybody from the table; tells each by name.
  ///
  /// - Parameters:
  ///   - patience: how many seconds another session may take that builds an index meanwhile.
  ///   - waiting: is told the process of that session.
  package func remove(
    named name: String? = nil, where isMeant: (Index) -> Bool = { _ in true },
    patience: Int = 3600, waiting: (Int) -> Void = { _ in }, removed: (String) -> Void
  ) throws(PostgresError) {
    let end = ContinuousClock.now + .seconds(patience)
    var reported: Int?
    // One that is being built is INVALID too: dropping would wait and then take a good index.
    while try found(named: name).contains(where: isMeant), let process = try builder() {
      if reported != process { waiting(process) }
      reported = process
      guard ContinuousClock.now < end else {
        throw .unexpected(
          operation: "INVALID indexes of \(table)",
          what: "process \(process) of the server still builds an index of the table")
      }
      usleep(200_000)
    }
    for index in try found(named: name) where isMeant(index) {
      try connection.execute(
        script: SQL(script: "DROP INDEX CONCURRENTLY IF EXISTS \(index.name)"))
      removed(index.name)
    }
  }
}
