internal import Glibc
package import Postgres

/// The indexes of a table that a failed CREATE INDEX or REINDEX CONCURRENTLY has left behind: every
/// write updates them, and no search uses them.
package struct InvalidIndexes {
  let connection: Connection
  let table: String

  /// An INVALID index.
  package struct Index: Sendable, Equatable {
    /// The quoted name of the index with its schema.
    package let name: String
    /// The access method, such as `hnsw`.
    package let method: String
    /// True for a copy (`_ccnew`, `_ccold`) that REINDEX CONCURRENTLY has created.
    package let isCopy: Bool
  }

  /// Creates the finder of the INVALID indexes of `table`, whose name is written as SQL writes
  /// names.
  package init(of table: String, on connection: Connection) {
    self.table = table
    self.connection = connection
  }

  /// Finds all INVALID indexes, or only the index called `name`; an index that is being built is
  /// INVALID, too.
  package func found(named name: String? = nil) throws(PostgresError) -> [Index] {
    let rows = try connection.query(CatalogueQueries.invalidIndexes(table: table, name: name))
    return try rows.map { (row) throws(PostgresError) in
      Index(
        name: try rows.value(row, 0), method: try rows.value(row, 1), isCopy: try rows.value(row, 2)
      )
    }
  }

  /// Returns the server process of another session that builds an index of the table now; nil where
  /// there is none.
  package func builder() throws(PostgresError) -> Int? {
    try connection.scalar(CatalogueQueries.builder(table: table))
  }

  /// Drops the INVALID indexes for which `isMeant` is true, without blocking other sessions.
  ///
  /// - Parameters:
  /// - patience: the seconds to wait for another session that builds an index.
  /// - waiting: called with the server process of that session.
  /// - removed: called with the name of each dropped index.
  package func remove(
    named name: String? = nil, where isMeant: (Index) -> Bool = { _ in true },
    patience: Int = 3600, waiting: (Int) -> Void = { _ in }, removed: (String) -> Void
  ) throws(PostgresError) {
    let end = ContinuousClock.now + .seconds(patience)
    var reported: Int?
    // An index that is being built is INVALID, too: a DROP would wait and then drop a good index.
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
