package import Ledger
package import Postgres
package import Layouts

/// A table whose vectors are of another embedding model than those of the stores that it took over.
package struct ReembeddedTable: Equatable {
  let name: String
  let model: ChangeRecord.EmbeddingModel

  /// The table's last re-embedding; nil where its vectors are those that were written.
  package init?(_ table: VectorTable, on connection: Connection) throws(PostgresError) {
    let change = try ChangeRecords(connection: connection).reembedding(of: table.catalogueName)
    guard let model = change?.model else { return nil }
    name = table.catalogueName
    self.model = model
  }

  /// Why a store's vectors are not written there.
  package var refusal: Failure {
    Failure(
      .source,
      "the vectors of \(name) are of the model \(model.name) (\(model.provider)) since its texts "
        + "were embedded anew: those of a store's files would be mixed with them",
      remedy: "migrate it into another table (--table NAME)")
  }
}
