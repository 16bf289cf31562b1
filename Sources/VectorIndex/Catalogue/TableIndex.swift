public import Postgres

/// A vector index of the table as the catalogue has it.
public struct TableIndex: Sendable, Equatable {
  /// Its name with its schema.
  public let name: QualifiedName
  /// The name as `format('%I.%I')` writes it.
  public let catalogueName: String
  /// HNSW or IVFFlat.
  public let method: IndexMethod
  /// `m`, `ef_construction` or `lists`, the defaults filled in.
  public let parameters: IndexParameters
  /// What is indexed: `embedding`, or an expression.
  public let expression: String
  /// The class of its operators, such as `vector_cosine_ops`.
  public let operatorClass: String
  /// It can be used.
  public let isValid: Bool
  /// A copy that only REINDEX CONCURRENTLY has made.
  public let isCopy: Bool
  /// Its size on disk.
  public let bytes: Int
  /// How often it was searched since the statistics began.
  public let scans: Int
  /// What is remembered about its build; nil where somebody else built it.
  public let note: BuildNote?

  /// It serves searches by cosine, as this program's own are.
  public var servesCosine: Bool { operatorClass.hasSuffix("_cosine_ops") }

  /// What a search has to say for it to be used.
  func form(dimensions: Int) -> IndexedForm {
    operatorClass.hasPrefix("halfvec")
      ? .halfPrecision(dimensions: dimensions) : .column(dimensions: dimensions)
  }

  /// What should be done about it; empty where nothing has to be.
  public func advice(rows: Int) -> [String] {
    if !isValid {
      return ["INVALID: kept up at every write, used by no search; run: vector-ferry index repair"]
    }
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
