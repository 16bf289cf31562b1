package import Embedding
internal import OwnSchema
package import Postgres

/// The table `embedding_cache_stats` of the set knowledge_graph, which counts the use of embedding
/// services by day.
package struct EmbeddingStatistics {
  private let connection: Connection

  /// Uses a session without an open transaction.
  package init(on connection: Connection) { self.connection = connection }

  /// Adds a run's use of a service to that of its day (UTC), where the table exists; throws where
  /// another role could have put code into it.
  ///
  /// - Returns: false where the database has no such table.
  @discardableResult
  package func add(_ usage: EmbeddingUsage) throws -> Bool {
    guard usage.requests + usage.reused > 0,
      let table = try connection.resolve(QualifiedName("embedding_cache_stats"))
    else { return false }
    let found = try connection.query(
      EmbeddingStatisticsQueries.table(
        trusted: TrustedRoles().tables, table: table.quoted))
    guard found.rowCount == 1, try found.value(0, 0) else { return false }
    guard try found.value(0, 1) else {
      throw TrustedRoles.refusal(
        of: "TABLE \(table)", owner: try found.value(0, 2),
        danger: "code that this role adds to the table would run with the rights of each writer")
    }
    try connection.query(
      EmbeddingStatisticsQueries.add(
        table: table, calls: usage.requests, hits: usage.reused, misses: usage.texts,
        tokens: usage.tokens, cost: usage.cost ?? 0))
    return true
  }
}
