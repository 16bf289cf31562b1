internal import Postgres
internal import Schema
internal import VectorMath

/// Fills the new column batch by batch: whatever is null there and not null in the old one.
///
/// A batch takes only rows that nobody holds and never waits while it holds some, so that no
/// transaction of the application is drawn into a deadlock.
struct ColumnBackfill {
  let connection: Connection
  let column: VectorColumn
  let target: Identifier
  let vector: QualifiedName
  /// By this the trigger knows the session that fills (`ChangeRecords.claim`).
  let filler: String

  /// So many rows are locked at a time.
  static let batchRows = 256

  private static let picked = QualifiedName(schema: "pg_temp", "vector_ferry_picked")
  private static let made = QualifiedName(schema: "pg_temp", "vector_ferry_made")

  /// Rows that wait to be filled; the partial index of the change answers at once.
  var waiting: SQL {
    "t.\(target) IS NULL AND t.\(column.name) IS NOT NULL"
  }

  /// Makes the session's own tables.
  func prepare() throws {
    try connection.execute(
      script: """
        DROP TABLE IF EXISTS \(Self.picked), \(Self.made);
        CREATE TEMPORARY TABLE vector_ferry_picked (key \(SQL(script: column.keyType)) PRIMARY KEY)
          ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE vector_ferry_made (number int8, embedding \(vector))
          ON COMMIT DELETE ROWS;
        """)
  }

  /// Fills one batch; zero where nothing waits, or all that waits is held by others.
  func fillSome(by reducer: inout Reducer, beforeCommit: () -> Void) throws -> Int {
    try connection.transaction {
      try connection.query("SELECT set_config('vector_ferry.filling', \(filler), true)")
      let picked = try connection.query(
        """
        INSERT INTO \(Self.picked) SELECT t.\(column.key) FROM \(column.sql) t WHERE \(waiting)
        LIMIT \(Self.batchRows) FOR NO KEY UPDATE SKIP LOCKED
        """
      ).affectedRows
      guard picked > 0 else { return 0 }
      try make(by: &reducer)
      let filled = try connection.query(
        """
        UPDATE \(column.sql) t SET \(target) = m.embedding
        FROM (SELECT key, row_number() OVER (ORDER BY key) AS number FROM \(Self.picked)) p
        JOIN \(Self.made) m ON m.number = p.number
        WHERE t.\(column.key) = p.key
        """
      ).affectedRows
      guard filled == picked else {
        throw Failure(
          .database, "\(picked) rows of \(column.table) were to be filled, \(filled) were",
          remedy: "look for rules on the table; run again to go on")
      }
      beforeCommit()
      return filled
    }
  }

  /// Reads the picked rows' vectors in the order of their keys and writes what becomes of them.
  private func make(by reducer: inout Reducer) throws {
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

  /// How many rows wait.
  func waitingCount() throws(PostgresError) -> Int {
    try connection.scalar("SELECT count(*) FROM \(column.sql) t WHERE \(waiting)") ?? 0
  }
}
