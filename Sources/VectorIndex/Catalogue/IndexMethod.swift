/// The two kinds of vector indexes that pgvector has.
package enum IndexMethod: String, Sendable, CaseIterable {
  /// A graph of neighbours: it finds more in the same time, and takes longer to build.
  case hnsw
  /// Lists of rows around centres: quick to build, but the centres are computed from rows that must
  /// be in the table before.
  case ivfflat

  /// The name of the method for the operator.
  package var title: String {
    switch self {
    case .hnsw: "HNSW"
    case .ivfflat: "IVFFlat"
    }
  }
}
