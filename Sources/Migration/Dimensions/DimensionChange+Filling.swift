internal import Glibc
internal import Postgres
internal import Schema
internal import VectorMath

extension DimensionChange {
  /// Fills, indexes and swaps.
  func fill(_ change: ChangeRecord, _ column: VectorColumn) throws {
    let target = column.companion(change.to)
    let vector = QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
    let backfill = ColumnBackfill(
      connection: connection, column: column, target: target, vector: vector)
    try backfill.prepare()
    let queue = QualifiedName(schema: column.schema, column.related("\(change.id)_waiting_idx"))
    try session.buildIndex(
      queue,
      "ON \(column.sql) (\(column.key)) WHERE \(target) IS NULL AND \(column.name) IS NOT NULL")
    var reducer = try reducer(of: change)
    try fillAll(backfill, by: &reducer)
    hooks.reached(.changeFilled)
    if options.indexes, change.to <= VectorTable.indexableDimensions {
      observe(.indexing)
      let index = QualifiedName(
        schema: column.schema, column.related("\(column.name.name)_\(change.to)_idx"))
      try session.buildIndex(
        index, "ON \(column.sql) USING hnsw (\(target) \(try operators())) ")
    }
    hooks.reached(.changeIndexed)
    while true {
      try fillAll(backfill, by: &reducer)
      try session.awaitOlderTransactions()
      if try swap(change, column, backfill, queue) { break }
    }
    observe(.swapped)
  }

  /// The cosine operators in the schema that pgvector lives in.
  private func operators() throws -> QualifiedName {
    QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector_cosine_ops")
  }

  private func reducer(of change: ChangeRecord) throws -> Reducer {
    guard let model = change.projection else {
      return Reducer(.extend(from: change.from, to: change.to))
    }
    return Reducer(
      foreign: try ModelTable(connection: connection).projection(model), engine: try Engine())
  }

  private func fillAll(_ backfill: ColumnBackfill, by reducer: inout Reducer) throws {
    let total = try backfill.waitingCount()
    var done = 0
    while true {
      if isInterrupted() { throw Failure(.interrupted, "interrupted: run again to go on") }
      let filled = try backfill.fillSome(by: &reducer) { hooks.reached(.changeBatch) }
      done += filled
      if filled > 0 {
        observe(.filling(done: done, of: max(total, done)))
      } else if try backfill.waitingCount() == 0 {
        return
      } else {
        // The application holds what is left.
        usleep(50_000)
      }
    }
  }

  /// Gives the new column the name; false where a row came up meanwhile that is not filled.
  private func swap(
    _ change: ChangeRecord, _ column: VectorColumn, _ backfill: ColumnBackfill,
    _ queue: QualifiedName
  ) throws -> Bool {
    try session.patiently {
      try connection.query("LOCK TABLE \(column.sql) IN ACCESS EXCLUSIVE MODE")
      guard try backfill.waitingCount() == 0 else { return false }
      try column.refuseDependents(on: connection)
      let old = column.companion(change.from)
      try connection.execute(
        script: """
          ALTER TABLE \(column.sql) RENAME COLUMN \(column.name) TO \(old);
          ALTER TABLE \(column.sql) RENAME COLUMN \(backfill.target) TO \(column.name);
          DROP INDEX \(queue);
          """)
      if change.mustBeGiven {
        try connection.execute(
          script: """
            ALTER TABLE \(column.sql) ALTER COLUMN \(old) DROP NOT NULL;
            ALTER TABLE \(column.sql) ADD CONSTRAINT \(constraint(change, column))
              CHECK (\(column.name) IS NOT NULL) NOT VALID;
            """)
      }
      try FollowTrigger(change: change.id, column: column, on: connection).replace(keeping: old)
      try records.set(.swapped, of: change.id)
      hooks.reached(.changeLocked)
      return true
    }
  }

  private func constraint(_ change: ChangeRecord, _ column: VectorColumn) -> Identifier {
    column.related("\(change.id)_not_null")
  }

  /// Makes the new column refuse nulls as the old one did, without a scan under a strong lock.
  func settle(_ change: ChangeRecord, _ column: VectorColumn) throws {
    guard change.mustBeGiven else { return }
    let name = constraint(change, column)
    let isThere: Bool? = try connection.scalar(
      """
      SELECT EXISTS (SELECT FROM pg_constraint
        WHERE conrelid = to_regclass(\(column.table)) AND conname = \(name.name))
      """)
    guard isThere == true else { return }
    try session.patiently {
      try connection.execute(script: "ALTER TABLE \(column.sql) VALIDATE CONSTRAINT \(name)")
    }
    hooks.reached(.changeValidated)
    try session.patiently {
      try connection.execute(
        script: """
          ALTER TABLE \(column.sql) ALTER COLUMN \(column.name) SET NOT NULL;
          ALTER TABLE \(column.sql) DROP CONSTRAINT \(name);
          """)
    }
  }
}
