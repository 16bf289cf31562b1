internal import MigrationFiles
internal import OwnSchema
package import Postgres

extension SetState {
  /// Finds what the operator has to do after the migrations that are applied, in sentences with
  /// their commands; empty where nothing is left to do.
  package func nextSteps(on connection: Connection) throws -> [String] {
    guard set.isBundled, set.name == "semantic_search",
      migrations.contains(where: { $0.version == "004" && $0.row?.isApplied == true }),
      let table = try connection.fullName(asWritten: "vector_embedding")
    else { return [] }
    let counts = try connection.query(InspectionQueries.embeddings(table: SQL(script: table)))
    let open: Int = try counts.value(0, 0)
    let hasIndex: Bool =
      try connection.scalar(InspectionQueries.hasVectorIndex(table: table)) ?? true
    if open > 0 {
      return [
        "\(open) embeddings are empty since 004_dimension_migration, and searches do not find "
          + "them: fill them with vector-ferry reembed --set semantic_search, which builds the "
          + "vector index afterwards (docs/EMBEDDING.md)"
      ]
    }
    guard !hasIndex else { return [] }
    return [
      "vector_embedding has had no vector index since 004_dimension_migration: vector-ferry "
        + "reembed --set semantic_search builds it"
    ]
  }
}
