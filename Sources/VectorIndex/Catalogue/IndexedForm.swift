internal import Postgres
internal import Layouts
package import OwnSchema

/// What an index is made over: the column itself, or an expression where the column is too wide.
package enum IndexedForm: Sendable, Equatable {
  /// The column `embedding`, up to 2,000 dimensions.
  case column(dimensions: Int)
  /// `embedding::halfvec(n)`, up to 4,000; a search must repeat the cast.
  case halfPrecision(dimensions: Int)

  /// A `halfvec` can be indexed up to this many dimensions.
  package static let halfPrecisionLimit = 4000

  /// The form for a column of so many dimensions.
  package static func fitting(dimensions: Int, vectorVersion: VersionNumber) throws(SchemaError)
    -> IndexedForm
  {
    if dimensions <= VectorTable.indexableDimensions { return .column(dimensions: dimensions) }
    guard dimensions <= halfPrecisionLimit else {
      throw SchemaError(
        "vectors of \(dimensions) dimensions cannot be indexed: pgvector takes "
          + "\(halfPrecisionLimit) at most",
        remedy: "migrate into another table with --dimensions 2000, which reduces them")
    }
    guard vectorVersion >= VersionNumber.firstWithHalfvec else {
      throw SchemaError(
        "vectors of \(dimensions) dimensions are indexed as halfvec, which pgvector "
          + "\(vectorVersion) has not",
        remedy:
          "update to \(VersionNumber.firstWithHalfvec) or later, then ALTER EXTENSION vector UPDATE"
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

  /// Bytes of one vector in the index.
  var vectorBytes: Int {
    switch self {
    case .column(let dimensions): 4 * dimensions + 8
    case .halfPrecision(let dimensions): 2 * dimensions + 8
    }
  }

  /// What is indexed, as it stands in a statement; `value` is the column, or what is searched for.
  func expression(of value: SQL = "embedding", vectorSchema: Identifier) -> SQL {
    switch self {
    case .column: return value
    case .halfPrecision(let dimensions):
      let type = QualifiedName(schema: vectorSchema, "halfvec")
      return "((\(value))::\(type)(\(number: dimensions)))"
    }
  }

  /// The operators by which it is searched: cosine.
  func operatorClass(vectorSchema: Identifier) -> QualifiedName {
    switch self {
    case .column: QualifiedName(schema: vectorSchema, "vector_cosine_ops")
    case .halfPrecision: QualifiedName(schema: vectorSchema, "halfvec_cosine_ops")
    }
  }

  /// In words.
  package var description: String {
    switch self {
    case .column: "embedding"
    case .halfPrecision(let dimensions): "embedding::halfvec(\(dimensions))"
    }
  }
}
