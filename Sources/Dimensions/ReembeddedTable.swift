package import Ledger
package import Postgres
package import Layouts

/// A table whose texts were embedded again, so that its vectors come from another model than those
/// of migrated stores.
package struct ReembeddedTable: Equatable {
  let name: String
  let model: ChangeRecord.EmbeddingModel

  /// Reads which model has embedded the table's texts again; nil where no model has done so.
  package init?(_ table: VectorTable, on connection: Connection) throws(PostgresError) {
    let change = try ChangeRecords(connection: connection).reembedding(of: table.catalogueName)
    guard let model = change?.model else { return nil }
    name = table.catalogueName
    self.model = model
  }

  /// The error for a store whose vectors must not be mixed with those of this table.
  package var refusal: Failure {
    Failure(
      .source,
      "the vectors of \(name) are of the model \(model.name) (\(model.provider)) since its texts "
        + "were embedded again: vectors of a store's files would be mixed with them",
      remedy: "migrate the store into another table (--table NAME)")
  }
}
