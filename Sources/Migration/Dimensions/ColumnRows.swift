internal import Postgres
internal import VectorMath

/// The vectors of a column, all of them or a sample spread over the table by its keys.
struct ColumnRows: RowSource {
  let column: VectorColumn
  let connection: Connection
  let isInterrupted: @Sendable () -> Bool
  let count: Int
  private let divisor: Int

  /// Beyond this a sample is fitted to.
  static let limit = 20_000

  var dimensions: Int { column.dimensions }

  /// Counts the rows; the caller's transaction sees one moment, so that they stay the same.
  init(
    _ column: VectorColumn, on connection: Connection, isInterrupted: @escaping @Sendable () -> Bool
  )
    throws
  {
    self.column = column
    self.connection = connection
    self.isInterrupted = isInterrupted
    let all: Int =
      try connection.scalar(
        "SELECT count(*) FROM \(column.sql) WHERE \(column.name) IS NOT NULL") ?? 0
    divisor = max(1, (all + Self.limit - 1) / Self.limit)
    count =
      divisor == 1
      ? all
      : try connection.scalar(
        "SELECT count(*) FROM \(column.sql) t WHERE \(Self.condition(column, divisor))") ?? 0
  }

  private static func condition(_ column: VectorColumn, _ divisor: Int) -> SQL {
    divisor == 1
      ? "t.\(column.name) IS NOT NULL"
      : """
      t.\(column.name) IS NOT NULL
        AND (hashtext(t.\(column.key)::text) & 2147483647) % \(number: divisor) = 0
      """
  }

  func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    var batch: [Float] = []
    var rows = 0
    func hand() throws {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try batch.withUnsafeBufferPointer { try body($0, rows) }
      batch.removeAll(keepingCapacity: true)
      rows = 0
    }
    try connection.copyOut(
      """
      SELECT t.\(column.name) FROM \(column.sql) t
      WHERE \(Self.condition(column, divisor)) ORDER BY t.\(column.key)
      """
    ) { row in
      _ = try row.required().appendVector(to: &batch)
      rows += 1
      if rows == StoreLoad.batchRows { try hand() }
    }
    if rows > 0 { try hand() }
  }
}
