internal import Models
internal import Ledger
internal import Postgres

/// The vectors in a column: all of them, or a sample that is spread over the whole table by the
/// rows' keys.
struct ColumnRows: RowSource {
  let column: VectorColumn
  let connection: Connection
  let isInterrupted: @Sendable () -> Bool
  let count: Int
  private let divisor: Int
  private let part: Part

  /// The part of the sample that is read.
  enum Part {
    /// All rows of the sample.
    case all
    /// The rows that a model is fitted to: four of five.
    case fitted
    /// The rows with which a model is measured, and which it was not fitted to: one of five.
    case heldOut
  }

  /// The number of rows above which only a sample is used.
  static let limit = 20_000

  var dimensions: Int { column.dimensions }

  /// Counts the rows; the caller's transaction must see one snapshot, so that the rows stay the
  /// same.
  init(
    _ column: VectorColumn, on connection: Connection, isInterrupted: @escaping @Sendable () -> Bool
  ) throws {
    let all: Int? = try connection.scalar(
      "SELECT count(*) FROM \(column.sql) WHERE \(column.name) IS NOT NULL")
    try self.init(
      column, on: connection, isInterrupted: isInterrupted,
      divisor: max(1, ((all ?? 0) + Self.limit - 1) / Self.limit), part: .all)
  }

  private init(
    _ column: VectorColumn, on connection: Connection,
    isInterrupted: @escaping @Sendable () -> Bool, divisor: Int, part: Part
  ) throws {
    self.column = column
    self.connection = connection
    self.isInterrupted = isInterrupted
    self.divisor = divisor
    self.part = part
    count =
      try connection.scalar(
        "SELECT count(*) FROM \(column.sql) t WHERE \(Self.condition(column, divisor, part))") ?? 0
  }

  /// Returns a part of these rows; every run chooses the same rows.
  func part(_ part: Part) throws -> ColumnRows {
    try ColumnRows(
      column, on: connection, isInterrupted: isInterrupted, divisor: divisor, part: part)
  }

  private static func condition(_ column: VectorColumn, _ divisor: Int, _ part: Part) -> SQL {
    let hash: SQL = "(hashtext(t.\(column.key)::text) & 2147483647)"
    let isHeldOut: SQL = "\(hash) / \(number: divisor) % 5 = 0"
    var conditions: [SQL] = ["t.\(column.name) IS NOT NULL"]
    if divisor > 1 { conditions.append("\(hash) % \(number: divisor) = 0") }
    switch part {
    case .all: break
    case .fitted: conditions.append("NOT (\(isHeldOut))")
    case .heldOut: conditions.append(isHeldOut)
    }
    return SQL.joined(conditions, separator: " AND ")
  }

  func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    var batch: [Float] = []
    var rows = 0
    func handOver() throws {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try batch.withUnsafeBufferPointer { try body($0, rows) }
      batch.removeAll(keepingCapacity: true)
      rows = 0
    }
    try connection.copyOut(
      """
      SELECT t.\(column.name) FROM \(column.sql) t
      WHERE \(Self.condition(column, divisor, part)) ORDER BY t.\(column.key)
      """
    ) { row in
      _ = try row.required().appendVector(to: &batch)
      rows += 1
      if rows == BatchSize.documents { try handOver() }
    }
    if rows > 0 { try handOver() }
  }
}
