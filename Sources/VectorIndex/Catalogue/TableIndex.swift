package import Postgres

/// A vector index of a table, as the catalogue describes it.
package struct TableIndex: Sendable, Equatable {
  /// The name of the index with its schema.
  package let name: QualifiedName
  /// The name as `format('%I.%I')` writes it.
  package let catalogueName: String
  /// The method: HNSW or IVFFlat.
  package let method: IndexMethod
  /// The parameters `m`, `ef_construction` or `lists`, defaults included.
  package let parameters: IndexParameters
  /// The indexed value: `embedding`, or an expression.
  package let expression: String
  /// True where the index is built on the column that was asked about, mostly `embedding`, or on
  /// its cast to `halfvec`.
  package let isOfEmbedding: Bool
  /// The condition of a partial index, as its WHERE states it; nil for an index of all rows.
  package let condition: String?
  /// The operator class of the index, such as `vector_cosine_ops`.
  package let operatorClass: String
  /// True where the index can be used.
  package let isValid: Bool
  /// True for a copy that REINDEX CONCURRENTLY has made, by its name.
  package let isCopy: Bool
  /// True where the index belongs to an index of the whole partitioned table.
  package let isAttached: Bool
  /// True for an index of a whole partitioned table, which has no rows of its own.
  package let isPartitioned: Bool
  /// The size on disk in bytes, including the indexes of partitions.
  package let bytes: Int
  /// How often the index was searched since the statistics began.
  package let scans: Int
  /// The facts recorded about the build; nil where another program built the index.
  package let note: BuildNote?

  /// The reason why searches of this program could not use the index even if it were valid; nil
  /// where there is none.
  package var unusableReason: String? {
    if !isOfEmbedding { return "the index is not on the column embedding" }
    if let condition { return "the index contains only some rows: WHERE \(condition)" }
    return operatorClass.hasSuffix("_cosine_ops")
      ? nil : "the index's operators do not compute cosines"
  }

  /// True where searches by cosine, such as this program's own, can use the index now.
  package var serves: Bool { isValid && unusableReason == nil }

  /// The form that a search must repeat so that the index is used.
  func form(dimensions: Int) -> IndexedForm {
    operatorClass.hasPrefix("halfvec")
      ? .halfPrecision(dimensions: dimensions) : .column(dimensions: dimensions)
  }

  /// The statements that rebuild the index with other parameters while others read and write.
  func rebuilding(with parameters: IndexParameters) -> String {
    let options = parameters.options.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    return "ALTER INDEX \(catalogueName) SET (\(options)), then REINDEX INDEX CONCURRENTLY "
      + catalogueName
  }

  /// The advice about the index; empty where nothing has to be done.
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
