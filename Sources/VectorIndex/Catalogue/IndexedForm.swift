internal import Postgres
internal import Layouts
package import OwnSchema

/// The value that an index contains: the column itself, or a shorter form where the column has too
/// many dimensions.
package enum IndexedForm: Sendable, Equatable {
  /// The column itself, which can be indexed up to 2,000 dimensions.
  case column(dimensions: Int)
  /// The column's vectors as `halfvec(n)`, which can be indexed up to 4,000 dimensions; a search
  /// must repeat the cast.
  case halfPrecision(dimensions: Int)

  /// The greatest number of dimensions of a `halfvec` that can be indexed.
  package static let halfPrecisionLimit = 4000

  /// Chooses the form for a column with this many dimensions; throws where pgvector cannot index
  /// it.
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

  /// The number of dimensions of each vector.
  package var dimensions: Int {
    switch self {
    case .column(let dimensions), .halfPrecision(let dimensions): dimensions
    }
  }

  /// The number of bytes that one vector takes in the index.
  var vectorBytes: Int {
    switch self {
    case .column(let dimensions): 4 * dimensions + 8
    case .halfPrecision(let dimensions): 2 * dimensions + 8
    }
  }

  /// Returns the indexed expression as a statement writes it; `value` is the column, or the vector
  /// that is searched for.
  func expression(of value: SQL = "embedding", vectorSchema: Identifier) -> SQL {
    switch self {
    case .column: return value
    case .halfPrecision(let dimensions):
      let type = QualifiedName(schema: vectorSchema, "halfvec")
      return "((\(value))::\(type)(\(number: dimensions)))"
    }
  }

  /// Returns the operator class for searches by cosine distance.
  func operatorClass(vectorSchema: Identifier) -> QualifiedName {
    switch self {
    case .column: QualifiedName(schema: vectorSchema, "vector_cosine_ops")
    case .halfPrecision: QualifiedName(schema: vectorSchema, "halfvec_cosine_ops")
    }
  }

  /// The indexed value as people read it, such as `embedding::halfvec(3072)`.
  package var description: String {
    switch self {
    case .column: "embedding"
    case .halfPrecision(let dimensions): "embedding::halfvec(\(dimensions))"
    }
  }
}
