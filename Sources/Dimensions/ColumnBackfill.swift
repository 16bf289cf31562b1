internal import Models
internal import Ledger
internal import Postgres

/// Fills the new column, batch by batch, with vectors made from those in the old column.
struct ColumnBackfill: Backfill {
  let connection: Connection
  let column: VectorColumn
  let target: Identifier
  let vector: QualifiedName
  /// The value by which the trigger recognises this session (`ChangeRecords.claim`).
  let filler: String
  var reducer: Reducer
  let lastBatchLimit = 0

  /// The number of rows that one batch locks and fills.
  static let batchRows = 256

  private static let picked = QualifiedName(schema: "pg_temp", "vector_ferry_picked")
  private static let made = QualifiedName(schema: "pg_temp", "vector_ferry_made")

  func prepare() throws {
    try connection.execute(
      script: BackfillQueries.makeTables(keyType: SQL(script: column.keyType), vector: vector))
  }

  mutating func fillSome(beforeCommit: () -> Void) throws -> BackfillStep {
    let filled = try fillBatch(beforeCommit)
    return BackfillStep(filled: filled, isLast: filled == 0)
  }

  /// Fills one batch and returns the number of its rows; zero where all rows have their new vector,
  /// or other sessions hold the others.
  private mutating func fillBatch(_ beforeCommit: () -> Void) throws -> Int {
    try connection.transaction {
      try connection.query("SELECT set_config('vector_ferry.filling', \(filler), true)")
      let picked = try connection.query(
        """
        INSERT INTO \(Self.picked) SELECT t.\(column.key) FROM \(column.sql) t WHERE \(waiting)
        LIMIT \(Self.batchRows) FOR NO KEY UPDATE SKIP LOCKED
        """
      ).affectedRows
      guard picked > 0 else { return 0 }
      try make()
      let removals = try RowRemovals(on: connection)
      let filled = try connection.asApplication {
        try connection.query(
          BackfillQueries.fill(table: column.sql, target: target, key: column.key)
        ).affectedRows
      }
      guard filled == picked else {
        throw Failure(
          .database,
          "\(picked) rows of \(column.table) should have been filled, but \(filled) were",
          remedy: "look for rules on the table; run again to continue")
      }
      try removals.refuseAny(writingTo: column.table, remedy: Self.remedy)
      beforeCommit()
      return filled
    }
  }

  /// The remedy after the program has refused to fill a batch.
  static let remedy = "run again to continue, or undo the change (dimensions undo)"

  /// Reads the vectors of the batch's rows in the order of their keys, and writes their new vectors
  /// into a temporary table.
  private mutating func make() throws {
    var rows: [Float] = []
    var count = 0
    try connection.copyOut(
      """
      SELECT t.\(column.name) FROM \(Self.picked) p JOIN \(column.sql) t ON t.\(column.key) = p.key
      ORDER BY p.key
      """
    ) { row in
      _ = try row.required().appendVector(to: &rows)
      count += 1
    }
    try reducer.withReduced(rows, count: count) { reduced in
      let width = reduced.count / max(count, 1)
      try connection.copyIn(Self.made, columns: ["number", "embedding"]) { writer in
        for row in 0..<count {
          try writer.beginRow()
          writer.int64(Int64(row + 1))
          writer.vector(
            UnsafeBufferPointer(rebasing: reduced[row * width..<(row + 1) * width]))
        }
      }
    }
  }

  /// Finds out whether rows without a new vector are left; fills none, because the trigger fills
  /// new rows and `fillSome` fills all others.
  func fillRest() throws -> BackfillRest { try waitingCount() == 0 ? .none : .some }
}
