/// The rows of queries that were sent together, to be taken in the order of the queries.
public struct QueryAnswers {
  private var results: ArraySlice<QueryResult>

  /// Creates the answers from the result of each query.
  public init(_ results: [QueryResult]) { self.results = results[...] }

  /// Returns the rows of the next query.
  public mutating func next() throws(PostgresError) -> QueryResult {
    guard let result = results.popFirst() else {
      throw .unexpected(operation: "queries that were sent together", what: "no result is left")
    }
    return result
  }
}
