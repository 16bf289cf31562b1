internal import Ledger
internal import Postgres
internal import OwnSchema

/// A dimension change as `vector_ferry.dimension_changes` has it.
package struct ChangeRecord: Sendable, Equatable {
  /// How far a change has come.
  package enum State: String, Sendable {
    /// The new column is there, kept in step by a trigger, and is being filled.
    case filling
    /// The new column bears the name; the old one stands beside it.
    case swapped
    /// The old column has gone.
    case finished
    /// The column is as it was.
    case undone
  }

  /// How rows get their new vectors.
  package enum Method: Sendable, Equatable {
    /// By the projection of this number.
    case projection(Int)
    /// Zeros make them longer.
    case zeros
    /// Their texts are embedded anew.
    case reembedding(EmbeddingModel)
  }

  /// Who embeds texts, and which.
  package struct EmbeddingModel: Sendable, Equatable {
    /// The service, as `--provider` names it.
    package let provider: String
    /// The model, as the service calls it.
    package let name: String
    /// Its version, for people.
    package let version: String
    /// The column that the texts are in.
    package let textColumn: String
  }

  /// Its number.
  package let id: Int
  /// The table with its schema.
  package let table: String
  /// The column.
  package let column: String
  /// Dimensions before.
  package let from: Int
  /// Dimensions after.
  package let to: Int
  /// How the new vectors come about.
  package let method: Method
  /// Recall@10 as it was measured when the model was fitted.
  package let recall: Double?
  /// The column takes no nulls.
  let mustBeGiven: Bool
  /// How far it has come.
  package let state: State

  /// The model that makes vectors shorter; nil where there is none.
  package var projection: Int? { if case .projection(let id) = method { id } else { nil } }

  /// The model that texts are embedded by; nil where vectors are made of vectors.
  package var model: EmbeddingModel? {
    if case .reembedding(let model) = method { model } else { nil }
  }

  /// The new column bears the name.
  var isEffective: Bool { state == .swapped || state == .finished }
}

extension ChangeRecord.Method {
  /// The word that the record has for it.
  package var name: String {
    switch self {
    case .projection: "projection"
    case .zeros: "zeros"
    case .reembedding: "reembedding"
    }
  }
}

/// The record of dimension changes in one database.
struct ChangeRecords {
  let connection: Connection

  /// All of them, oldest first; none where the record was never made.
  func all() throws(PostgresError) -> [ChangeRecord] {
    guard try FerrySchema.has("dimension_changes", on: connection) else { return [] }
    let rows = try connection.query(
      """
      SELECT id, table_name, column_name, from_dimensions, to_dimensions, projection_id, recall,
             must_be_given, state, r ->> 'provider', r ->> 'model',
             coalesce(r ->> 'model_version', ''), coalesce(r ->> 'text_column', '')
      FROM vector_ferry.dimension_changes c, to_jsonb(c) r  -- an earlier record has not all of them
      ORDER BY id
      """)
    return try rows.map { (row) throws(PostgresError) in
      let state: String = try rows.value(row, 8)
      return ChangeRecord(
        id: try rows.value(row, 0), table: try rows.value(row, 1), column: try rows.value(row, 2),
        from: try rows.value(row, 3), to: try rows.value(row, 4),
        method: try method(rows, row), recall: try rows.optional(row, 6),
        mustBeGiven: try rows.value(row, 7),
        // The table's own constraint allows no other word.
        state: ChangeRecord.State(rawValue: state) ?? .filling)
    }
  }

  private func method(_ rows: QueryResult, _ row: Int) throws(PostgresError) -> ChangeRecord.Method
  {
    if let provider = try rows.optional(row, 9, as: String.self) {
      return .reembedding(
        ChangeRecord.EmbeddingModel(
          provider: provider, name: try rows.value(row, 10), version: try rows.value(row, 11),
          textColumn: try rows.value(row, 12)))
    }
    return try rows.optional(row, 5, as: Int.self).map { .projection($0) } ?? .zeros
  }

  /// The change since which the vectors of a table are of another embedding model.
  func reembedding(of table: String) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == table && $0.column == "embedding" && $0.model != nil && $0.isEffective
    }
  }

  /// The change of a column that has begun and not ended.
  func open(_ column: VectorColumn) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == column.table && $0.column == column.name.name
        && [.filling, .swapped].contains($0.state)
    }
  }

  /// Writes a new change and returns it.
  func begin(
    _ column: VectorColumn, to target: Int, method: ChangeRecord.Method, recall: Double?
  ) throws -> ChangeRecord {
    var projection: Int?
    var model: ChangeRecord.EmbeddingModel?
    switch method {
    case .projection(let id): projection = id
    case .zeros: break
    case .reembedding(let embedding): model = embedding
    }
    try connection.query(
      """
      INSERT INTO vector_ferry.dimension_changes
        (table_name, column_name, from_dimensions, to_dimensions, projection_id, recall,
         must_be_given, state, method, provider, model, model_version, text_column)
      VALUES (\(column.table), \(column.name.name), \(column.dimensions), \(target),
              \(projection), \(recall), \(column.mustBeGiven), 'filling', \(method.name),
              \(model?.provider), \(model?.name), \(model?.version), \(model?.textColumn))
      """)
    guard let change = try open(column) else {
      throw Failure(.database, "the change that has just begun is not there")
    }
    return change
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
