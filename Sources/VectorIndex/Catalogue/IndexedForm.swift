internal import Postgres
internal import Layouts
package import OwnSchema

/// The value that an index is built on: the column itself, or an expression where the column is too
/// wide.
package enum IndexedForm: Sendable, Equatable {
  /// The column itself, up to 2,000 dimensions.
  case column(dimensions: Int)
  /// The cast of the column to `halfvec(n)`, up to 4,000 dimensions; a search must repeat the cast.
  case halfPrecision(dimensions: Int)

  /// The most dimensions with which a `halfvec` can be indexed.
  package static let halfPrecisionLimit = 4000

  /// Chooses the form for a column with this many dimensions.
  package static func fitting(dimensions: Int, vectorVersion: VersionNumber) throws(SchemaError)
    -> IndexedForm
  {
    if dimensions <= VectorTable.indexableDimensions { return .column(dimensions: dimensions) }
    guard dimensions <= halfPrecisionLimit else {
      throw SchemaError(
        "vectors of \(dimensions) dimensions cannot be indexed: pgvector indexes "
          + "\(halfPrecisionLimit) at most",
        remedy: "migrate into another table with --dimensions 2000, which reduces them")
    }
    guard vectorVersion >= VersionNumber.firstWithHalfvec else {
      throw SchemaError(
        "vectors of \(dimensions) dimensions are indexed as halfvec, which pgvector "
          + "\(vectorVersion) does not have",
        remedy:
          "update pgvector to \(VersionNumber.firstWithHalfvec) or later, then ALTER EXTENSION "
          + "vector UPDATE"
      )
    }
    return .halfPrecision(dimensions: dimensions)
  }

  /// How many dimensions each vector has.
  package var dimensions: Int {
    switch self {
    case .column(let dimensions), .halfPrecision(let dimensions): dimensions
    }
  }

  /// How many bytes one vector takes in the index.
  var vectorBytes: Int {
    switch self {
    case .column(let dimensions): 4 * dimensions + 8
    case .halfPrecision(let dimensions): 2 * dimensions + 8
    }
  }

  /// The indexed expression as it is written in a statement; `value` is the column, or the query
  /// vector.
  func expression(of value: SQL = "embedding", vectorSchema: Identifier) -> SQL {
    switch self {
    case .column: return value
    case .halfPrecision(let dimensions):
      let type = QualifiedName(schema: vectorSchema, "halfvec")
      return "((\(value))::\(type)(\(number: dimensions)))"
    }
  }

  /// The operator class with which the index is searched: cosine.
  func operatorClass(vectorSchema: Identifier) -> QualifiedName {
    switch self {
    case .column: QualifiedName(schema: vectorSchema, "vector_cosine_ops")
    case .halfPrecision: QualifiedName(schema: vectorSchema, "halfvec_cosine_ops")
    }
  }

  /// The form in words.
  package var description: String {
    switch self {
    case .column: "embedding"
    case .halfPrecision(let dimensions): "embedding::halfvec(\(dimensions))"
    }
  }
}
