package import Ledger
package import Postgres
package import Layouts

/// A table whose vectors come from another embedding model than those of the migrated stores.
package struct ReembeddedTable: Equatable {
  let name: String
  let model: ChangeRecord.EmbeddingModel

  /// Reads the table's last re-embedding; nil where its vectors are still those that were migrated.
  package init?(_ table: VectorTable, on connection: Connection) throws(PostgresError) {
    let change = try ChangeRecords(connection: connection).reembedding(of: table.catalogueName)
    guard let model = change?.model else { return nil }
    name = table.catalogueName
    self.model = model
  }

  /// The failure that says why a store's vectors cannot be written to this table.
  package var refusal: Failure {
    Failure(
      .source,
      "the vectors of \(name) are of the model \(model.name) (\(model.provider)) since its texts "
        + "were embedded again: vectors of a store's files would be mixed with them",
      remedy: "migrate the store into another table (--table NAME)")
  }
}
