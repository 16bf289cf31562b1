internal import SQLText
internal import Postgres

extension SchemaRunner {
  /// Builds an index concurrently; an INVALID index that a failed build has left behind is dropped
  /// first.
  func build(_ index: ConcurrentIndex, by statement: SQLStatement, isInDoubt: Bool) throws {
    let table = try connection.fullName(asWritten: index.table) ?? index.table
    let invalid = InvalidIndexes(of: table, on: connection)
    let name = try catalogueName(of: index, on: table)
    if let name { try remove(invalid, named: name) }
    // An index of an earlier run only counts if it has exactly this definition.
    let equalIndexes = isInDoubt ? try indexes(definedBy: statement) : []
    if equalIndexes.contains(where: { $0.isValid && (name == nil || $0.name == name) }) {
      return observe(.foundDone(statement))
    }
    if name == nil {
      try remove(invalid) { found in equalIndexes.contains { $0.name == found.name } }
    }
    let before = try invalid.found()
    do {
      try send(statement)
    } catch {
      // The first error is reported; what the failed build left behind is dropped if possible.
      if connection.isUsable {
        let left = (try? indexes(definedBy: statement)) ?? []
        try? remove(invalid, named: name) { found in
          name != nil || !before.contains(found) && left.contains { $0.name == found.name }
        }
      }
      throw error
    }
  }

  private func remove(
    _ invalid: InvalidIndexes, named name: String? = nil,
    where isMeant: (InvalidIndexes.Index) -> Bool = { _ in true }
  ) throws {
    try invalid.remove(
      named: name, where: isMeant, patience: options.patience,
      waiting: { observe(.waitingForBuild(process: $0)) },
      removed: { observe(.removedInvalidIndex($0)) })
  }

  /// Returns the full name of the new index, which gets the schema of its table; nil where the
  /// statement gives the index no name.
  private func catalogueName(of index: ConcurrentIndex, on table: String) throws(PostgresError)
    -> String?
  {
    guard let name = index.name else { return nil }
    return try connection.scalar(RunningQueries.indexName(name: name, table: table))
  }

  /// Drops the copies (`_ccnew`, `_ccold`) that a failed REINDEX CONCURRENTLY has left behind.
  func removeLeftovers(of target: String, isIndex: Bool) throws {
    let target = try connection.fullName(asWritten: target) ?? target
    let table: String? =
      isIndex
      ? try connection.scalar(
        "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = to_regclass(\(target))")
      : target
    guard let table else { return }
    try remove(InvalidIndexes(of: table, on: connection), where: \.isCopy)
  }

  /// Detaches a partition; where an earlier DETACH PARTITION was interrupted, finishes that.
  func finishDetaching(
    _ partition: String, from parent: String, by statement: SQLStatement, isInDoubt: Bool
  ) throws {
    let places = try [partition, parent].map { name in
      try connection.fullName(asWritten: name) ?? name
    }
    let rows = try connection.query(
      """
      SELECT inhdetachpending FROM pg_inherits
      WHERE inhrelid = to_regclass(\(places[0])) AND inhparent = to_regclass(\(places[1]))
      """)
    if rows.rowCount == 0, isInDoubt { return observe(.foundDone(statement)) }
    guard rows.rowCount > 0, try rows.value(0, 0, as: Bool.self) else {
      return try send(statement)
    }
    try connection.execute(
      script: SQL(script: "ALTER TABLE \(parent) DETACH PARTITION \(partition) FINALIZE"))
  }
}
