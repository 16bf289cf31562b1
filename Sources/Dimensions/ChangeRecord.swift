internal import Ledger
internal import Postgres
internal import OwnSchema

/// A dimension change as `vector_ferry.dimension_changes` records it.
package struct ChangeRecord: Sendable, Equatable {
  /// How far a change has come.
  package enum State: String, Sendable {
    /// The new column exists and is being filled; a trigger copies every change of the old column
    /// into it.
    case filling
    /// The new column has the original name; the old column still exists under another name.
    case swapped
    /// The old column was dropped.
    case finished
    /// The column is as it was before the change.
    case undone
  }

  /// How rows get their new vectors.
  package enum Method: Sendable, Equatable {
    /// Vectors are projected by the model with this id.
    case projection(Int)
    /// Vectors are extended by zeros.
    case zeros
    /// The rows' texts are embedded again.
    case reembedding(EmbeddingModel)
  }

  /// The model that embeds texts, and the column of the texts.
  package struct EmbeddingModel: Sendable, Equatable {
    /// The service as `--provider` names it.
    package let provider: String
    /// The model as the service names it.
    package let name: String
    /// The model's version, for display.
    package let version: String
    /// The column that contains the texts.
    package let textColumn: String
  }

  /// The change's id in the record.
  package let id: Int
  /// The table of the change, with its schema.
  package let table: String
  /// The column whose dimension changes.
  package let column: String
  /// The dimension before the change.
  package let from: Int
  /// The dimension after the change.
  package let to: Int
  /// How the new vectors are made.
  package let method: Method
  /// The recall@10 that was measured with the model before the change began; nil where no model
  /// reduces vectors.
  package let recall: Double?
  /// True where the column refuses nulls.
  let mustBeGiven: Bool
  /// The progress of the change.
  package let state: State

  /// The id of the model that reduces vectors; nil where there is none.
  package var projection: Int? { if case .projection(let id) = method { id } else { nil } }

  /// The model that embeds texts; nil where new vectors are made from the old vectors.
  package var model: EmbeddingModel? {
    if case .reembedding(let model) = method { model } else { nil }
  }

  /// True where the new column has the original name.
  var isEffective: Bool { state == .swapped || state == .finished }
}

extension ChangeRecord.Method {
  /// The word for the method in the record.
  package var name: String {
    switch self {
    case .projection: "projection"
    case .zeros: "zeros"
    case .reembedding: "reembedding"
    }
  }
}

/// The record of a database's dimension changes.
struct ChangeRecords {
  let connection: Connection

  /// Returns all changes, the oldest first; an empty array where the record does not exist.
  func all() throws(PostgresError) -> [ChangeRecord] {
    guard try FerrySchema.has("dimension_changes", on: connection) else { return [] }
    let rows = try connection.query(ChangeQueries.all)
    return try rows.map { (row) throws(PostgresError) in
      let state: String = try rows.value(row, 8)
      return ChangeRecord(
        id: try rows.value(row, 0), table: try rows.value(row, 1), column: try rows.value(row, 2),
        from: try rows.value(row, 3), to: try rows.value(row, 4),
        method: try method(rows, row), recall: try rows.optional(row, 6),
        mustBeGiven: try rows.value(row, 7),
        // A constraint of the table allows no other word.
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

  /// Returns the latest change that embedded a table's texts with another model and has swapped the
  /// columns; nil where there is none.
  func reembedding(of table: String) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == table && $0.column == "embedding" && $0.model != nil && $0.isEffective
    }
  }

  /// Returns the column's change that has begun and not ended; nil where there is none.
  func open(_ column: VectorColumn) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == column.table && $0.column == column.name.name
        && [.filling, .swapped].contains($0.state)
    }
  }

  /// Records a new change and returns it.
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
      ChangeQueries.begin(
        table: column.table, column: column.name.name, from: column.dimensions, to: target,
        projection: projection, recall: recall, mustBeGiven: column.mustBeGiven,
        method: method.name, provider: model?.provider, model: model?.name,
        modelVersion: model?.version, textColumn: model?.textColumn))
    guard let change = try open(column) else {
      throw Failure(
        .database, "the ledger does not list the change of dimensions that this run has just begun")
    }
    return change
  }

  /// Makes this session the one that fills the new column, and returns the value by which the
  /// trigger recognises this session: the number of its server process, and a random word that no
  /// earlier session with the same number had.
  func claim(_ change: Int) throws(PostgresError) -> String {
    try connection.scalar(
      """
      UPDATE vector_ferry.dimension_changes
      SET filler = concat(pg_backend_pid(), ' ', gen_random_uuid())
      WHERE id = \(change) RETURNING filler
      """) ?? ""
  }

  /// Records the state of a change.
  func set(_ state: ChangeRecord.State, of change: Int) throws(PostgresError) {
    try connection.query(
      ChangeQueries.setState(state: state.rawValue, isSwapped: state == .swapped, change: change))
  }
}
