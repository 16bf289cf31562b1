internal import Ledger
internal import Postgres

extension DimensionChange {
  /// Throws, before any row is read, where the role lacks a right that a change needs.
  func refuseMissingRights(_ column: VectorColumn) throws {
    let rows = try connection.query(ChangeQueries.missingRight(table: column.table))
    guard rows.rowCount == 1, let problem = try rows.optional(0, 0, as: String.self) else { return }
    throw Failure(
      .preflight, "\(problem), and nothing was touched",
      remedy:
        "run the command as the role that owns the table and schema vector_ferry, or as a member "
        + "of that role")
  }
}
