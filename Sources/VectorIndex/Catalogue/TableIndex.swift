package import Postgres

/// A vector index of the table as the catalogue has it.
package struct TableIndex: Sendable, Equatable {
  /// Its name with its schema.
  package let name: QualifiedName
  /// The name as `format('%I.%I')` writes it.
  package let catalogueName: String
  /// HNSW or IVFFlat.
  package let method: IndexMethod
  /// `m`, `ef_construction` or `lists`, the defaults filled in.
  package let parameters: IndexParameters
  /// What is indexed: `embedding`, or an expression.
  package let expression: String
  /// What is indexed is the column that was asked about, mostly `embedding`, or its cast to
  /// `halfvec`.
  package let isOfEmbedding: Bool
  /// Which rows it has, as its WHERE says; nil for all of them.
  package let condition: String?
  /// The class of its operators, such as `vector_cosine_ops`.
  package let operatorClass: String
  /// It can be used.
  package let isValid: Bool
  /// A copy that only REINDEX CONCURRENTLY has made.
  package let isCopy: Bool
  /// It belongs to an index of the whole partitioned table.
  package let isAttached: Bool
  /// It is an index of a whole partitioned table, which has no rows of its own.
  package let isPartitioned: Bool
  /// Its size on disk, those of its partitions with it.
  package let bytes: Int
  /// How often it was searched since the statistics began.
  package let scans: Int
  /// What is remembered about its build; nil where somebody else built it.
  package let note: BuildNote?

  /// What keeps the searches of this program from it, were it valid; nil where nothing does.
  package var strangeness: String? {
    if !isOfEmbedding { return "it is not on the column embedding" }
    if let condition { return "it has only some rows: WHERE \(condition)" }
    return operatorClass.hasSuffix("_cosine_ops") ? nil : "its operators are not those of cosine"
  }

  /// Searches by cosine, as this program's own are, can use it now.
  package var serves: Bool { isValid && strangeness == nil }

  /// What a search has to say for it to be used.
  func form(dimensions: Int) -> IndexedForm {
    operatorClass.hasPrefix("halfvec")
      ? .halfPrecision(dimensions: dimensions) : .column(dimensions: dimensions)
  }

  /// The statements that build it with other parameters while others read and write.
  func rebuilding(with parameters: IndexParameters) -> String {
    let options = parameters.options.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    return "ALTER INDEX \(catalogueName) SET (\(options)), then REINDEX INDEX CONCURRENTLY "
      + catalogueName
  }

  /// What should be done about it; empty where nothing has to be.
  package func advice(rows: Int) -> [String] {
    if !isValid, isPartitioned {
      return [
        "INVALID: not every partition has its part; build that, then ALTER INDEX \(catalogueName) "
          + "ATTACH PARTITION"
      ]
    }
    if !isValid {
      return ["INVALID: kept up at every write, used by no search; run: vector-ferry index repair"]
    }
    guard serves else { return [] }
    var advice: [String] = []
    if let note, rows >= 10 * max(note.rows, 1), rows >= 1000 {
      advice.append(
        "the table has grown from \(note.rows) to \(rows) rows since it was built: "
          + "REINDEX INDEX CONCURRENTLY \(catalogueName)")
    }
    if let lasted = note?.memoryLasted {
      advice.append(
        "its build ran out of memory after \(lasted) rows: give the next one more with --memory")
    }
    return advice
  }
}
