/// pgvector's two ways to index vectors.
package enum IndexMethod: String, Sendable, CaseIterable {
  /// A graph of neighbours: better recall in the same time, slower to build.
  case hnsw
  /// Lists around centres that are computed from the data: quick to build, but the data must be in
  /// the table first.
  case ivfflat

  /// The name of the method for people.
  package var title: String {
    switch self {
    case .hnsw: "HNSW"
    case .ivfflat: "IVFFlat"
    }
  }
}
