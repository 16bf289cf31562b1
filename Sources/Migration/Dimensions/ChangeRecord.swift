internal import Postgres
internal import Schema

/// A dimension change as `vector_ferry.dimension_changes` has it.
public struct ChangeRecord: Sendable, Equatable {
  /// How far a change has come.
  public enum State: String, Sendable {
    /// The new column is there, kept in step by a trigger, and is being filled.
    case filling
    /// The new column bears the name; the old one stands beside it.
    case swapped
    /// The old column has gone.
    case finished
    /// The column is as it was.
    case undone
  }

  /// Its number.
  public let id: Int
  /// The table with its schema.
  public let table: String
  /// The column.
  public let column: String
  /// Dimensions before.
  public let from: Int
  /// Dimensions after.
  public let to: Int
  /// The model that makes vectors shorter; nil where zeros make them longer.
  public let projection: Int?
  /// Recall@10 as it was measured when the model was fitted.
  public let recall: Double?
  /// The column takes no nulls.
  let mustBeGiven: Bool
  /// How far it has come.
  public let state: State
}

/// The record of dimension changes in one database.
struct ChangeRecords {
  let connection: Connection

  /// All of them, oldest first; none where the record was never made.
  func all() throws(PostgresError) -> [ChangeRecord] {
    let exists: Bool? = try connection.scalar(
      "SELECT to_regclass('vector_ferry.dimension_changes') IS NOT NULL")
    guard exists == true else { return [] }
    let rows = try connection.query(
      """
      SELECT id, table_name, column_name, from_dimensions, to_dimensions, projection_id, recall,
             must_be_given, state
      FROM vector_ferry.dimension_changes ORDER BY id
      """)
    return try rows.map { (row) throws(PostgresError) in
      let state: String = try rows.value(row, 8)
      return ChangeRecord(
        id: try rows.value(row, 0), table: try rows.value(row, 1), column: try rows.value(row, 2),
        from: try rows.value(row, 3), to: try rows.value(row, 4),
        projection: try rows.optional(row, 5), recall: try rows.optional(row, 6),
        mustBeGiven: try rows.value(row, 7),
        // The table's own constraint allows no other word.
        state: ChangeRecord.State(rawValue: state) ?? .filling)
    }
  }

  /// The change of a column that has begun and not ended.
  func open(_ column: VectorColumn) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == column.table && $0.column == column.name.name
        && [.filling, .swapped].contains($0.state)
    }
  }

  /// Writes a new change and returns its number.
  func begin(_ column: VectorColumn, to target: Int, projection: Int?, recall: Double?)
    throws(PostgresError) -> Int
  {
    try connection.scalar(
      """
      INSERT INTO vector_ferry.dimension_changes
        (table_name, column_name, from_dimensions, to_dimensions, projection_id, recall,
         must_be_given, state)
      VALUES (\(column.table), \(column.name.name), \(column.dimensions), \(target),
              \(projection), \(recall), \(column.mustBeGiven), 'filling')
      RETURNING id
      """) ?? 0
  }

  /// Makes this session the one that fills, and returns what its trigger knows it by: the process
  /// that serves it, and a word that no session of an earlier process of that number has.
  func claim(_ change: Int) throws(PostgresError) -> String {
    try connection.scalar(
      """
      UPDATE vector_ferry.dimension_changes
      SET filler = concat(pg_backend_pid(), ' ', gen_random_uuid())
      WHERE id = \(change) RETURNING filler
      """) ?? ""
  }

  /// Notes how far a change has come.
  func set(_ state: ChangeRecord.State, of change: Int) throws(PostgresError) {
    try connection.query(
      """
      UPDATE vector_ferry.dimension_changes
      SET state = \(state.rawValue), filler = NULL,
          swapped_at = CASE WHEN \(state == .swapped) THEN now() ELSE swapped_at END,
          ended_at = CASE WHEN \(state == .swapped) THEN ended_at ELSE now() END
      WHERE id = \(change)
      """)
  }
}
