internal import Ledger
internal import Postgres
internal import OwnSchema

/// The record of one dimension change, in the table `vector_ferry.dimension_changes`.
package struct ChangeRecord: Sendable, Equatable {
  /// The state that a dimension change has reached.
  package enum State: String, Sendable {
    /// The new column exists and is being filled; a trigger passes every change of the old column
    /// on to the new one.
    case filling
    /// The new column has taken the old column's name; the old column still exists under another
    /// name.
    case swapped
    /// The old column was dropped, and the change cannot be undone.
    case finished
    /// The change was undone: the column is as it was before.
    case undone
  }

  /// The way in which rows get their new vectors.
  package enum Method: Sendable, Equatable {
    /// The model with this id projects the old vectors.
    case projection(Int)
    /// Zeros are added to the old vectors.
    case zeros
    /// An embedding model makes the new vectors from the rows' texts.
    case reembedding(EmbeddingModel)
  }

  /// The model that embeds the texts, and the column that contains them.
  package struct EmbeddingModel: Sendable, Equatable {
    /// The service, by the name that `--provider` takes.
    package let provider: String
    /// The model, by the name that the service uses.
    package let name: String
    /// The version of the model, from `--model-version` or from the tag in the model's name.
    package let version: String
    /// The column that contains the texts.
    package let textColumn: String
  }

  /// The number of the change in the table of changes.
  package let id: Int
  /// The full name of the table whose column changes.
  package let table: String
  /// The column whose dimension changes.
  package let column: String
  /// The dimension before the change.
  package let from: Int
  /// The dimension after the change.
  package let to: Int
  /// The way in which the new vectors are made.
  package let method: Method
  /// The recall@10 that was measured with the reducing model before the change began; nil where no
  /// model reduces the vectors.
  package let recall: Double?
  /// True where the column is NOT NULL.
  let mustBeGiven: Bool
  /// The state that the change has reached.
  package let state: State

  /// The id of the model that reduces the vectors; nil where no model reduces them.
  package var projection: Int? { if case .projection(let id) = method { id } else { nil } }

  /// The model that embeds the texts; nil where the new vectors are made from the old vectors.
  package var model: EmbeddingModel? {
    if case .reembedding(let model) = method { model } else { nil }
  }

  /// True where the application uses the new column now.
  var isEffective: Bool { state == .swapped || state == .finished }
}

extension ChangeRecord.Method {
  /// The name of the method in the table of changes.
  package var name: String {
    switch self {
    case .projection: "projection"
    case .zeros: "zeros"
    case .reembedding: "reembedding"
    }
  }
}

/// Reads and writes the records of all dimension changes in a database.
struct ChangeRecords {
  let connection: Connection

  /// Returns the records of all changes, the oldest first; empty where the table of changes does
  /// not exist.
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

  /// Returns the latest change in which another model has embedded a table's texts and whose
  /// columns were swapped; nil where there is none.
  func reembedding(of table: String) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == table && $0.column == "embedding" && $0.model != nil && $0.isEffective
    }
  }

  /// Returns the change of a column that has begun and not ended; nil where there is none.
  func open(_ column: VectorColumn) throws(PostgresError) -> ChangeRecord? {
    try all().last {
      $0.table == column.table && $0.column == column.name.name
        && [.filling, .swapped].contains($0.state)
    }
  }

  /// Records a new change, and returns the record.
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

  /// Records that this session fills the new column; returns the value by which the trigger
  /// recognises this session.
  ///
  /// The value is the number of the session's server process and a random word, because a later
  /// session may get the same number.
  func claim(_ change: Int) throws(PostgresError) -> String {
    try connection.scalar(
      """
      UPDATE vector_ferry.dimension_changes
      SET filler = concat(pg_backend_pid(), ' ', gen_random_uuid())
      WHERE id = \(change) RETURNING filler
      """) ?? ""
  }

  /// Records the state that a change has reached.
  func set(_ state: ChangeRecord.State, of change: Int) throws(PostgresError) {
    try connection.query(
      ChangeQueries.setState(state: state.rawValue, isSwapped: state == .swapped, change: change))
  }
}
