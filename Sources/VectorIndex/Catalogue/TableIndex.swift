package import Postgres

/// A vector index of a table, as the catalogue describes it.
package struct TableIndex: Sendable, Equatable {
  /// The full name of the index.
  package let name: QualifiedName
  /// The full name of the index, quoted as in SQL.
  package let catalogueName: String
  /// The method: HNSW or IVFFlat.
  package let method: IndexMethod
  /// The values of `m` and `ef_construction`, or of `lists`; defaults are included.
  package let parameters: IndexParameters
  /// The indexed value as SQL: `embedding`, or an expression.
  package let expression: String
  /// True where the index contains the vectors of the wanted column, mostly `embedding`, or their
  /// cast to `halfvec`.
  package let isOfEmbedding: Bool
  /// The condition of an index that contains only some rows, as written after WHERE; nil for an
  /// index of all rows.
  package let condition: String?
  /// The operator class of the index, such as `vector_cosine_ops`.
  package let operatorClass: String
  /// False for an INVALID index, which no search uses.
  package let isValid: Bool
  /// True for a copy that REINDEX CONCURRENTLY has made, which shows in the name.
  package let isCopy: Bool
  /// True for the index of a partition that belongs to an index of the whole partitioned table.
  package let isAttached: Bool
  /// True for the index of a whole partitioned table, which has no rows of its own.
  package let isPartitioned: Bool
  /// The size on disk in bytes; for a partitioned table, that of all partitions' indexes.
  package let bytes: Int
  /// The number of searches through the index since the server began to count.
  package let scans: Int
  /// The facts that this program has recorded about the build; nil where it has not built the
  /// index.
  package let note: BuildNote?

  /// The reason why searches of this program cannot use the index, even if it is valid; nil where
  /// there is no such reason.
  package var unusableReason: String? {
    if !isOfEmbedding { return "the index is not on the column embedding" }
    if let condition { return "the index contains only some rows: WHERE \(condition)" }
    return operatorClass.hasSuffix("_cosine_ops")
      ? nil : "the index's operators do not compute cosines"
  }

  /// True where searches by cosine distance can use the index now.
  package var serves: Bool { isValid && unusableReason == nil }

  /// Returns the form of the vectors that a search must use, so that the server uses the index.
  func form(dimensions: Int) -> IndexedForm {
    operatorClass.hasPrefix("halfvec")
      ? .halfPrecision(dimensions: dimensions) : .column(dimensions: dimensions)
  }

  /// Returns the statements that rebuild the index with other parameters, while other sessions read
  /// and write.
  func rebuilding(with parameters: IndexParameters) -> String {
    let options = parameters.options.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    return "ALTER INDEX \(catalogueName) SET (\(options)), then REINDEX INDEX CONCURRENTLY "
      + catalogueName
  }

  /// Returns the advice to the operator about the index; empty where nothing has to be done.
  package func advice(rows: Int) -> [String] {
    if !isValid, isPartitioned {
      return [
        "INVALID: a partition lacks its part of this index; build an index on that partition, then "
          + "ALTER INDEX \(catalogueName) ATTACH PARTITION with the new index's name"
      ]
    }
    if !isValid {
      return [
        "INVALID: every write updates it, and no search uses it; run: vector-ferry index repair"
      ]
    }
    guard serves else { return [] }
    var advice: [String] = []
    if let note, rows >= 10 * max(note.rows, 1), rows >= 1000 {
      advice.append(
        "the table has grown from \(note.rows) to \(rows) rows since the index was built: "
          + "REINDEX INDEX CONCURRENTLY \(catalogueName)")
    }
    if let lasted = note?.memoryLasted {
      advice.append(
        "the index's build ran out of memory after \(lasted) rows: give the next build more "
          + "memory with --memory")
    }
    return advice
  }
}
