/// pgvector's two ways to index vectors.
package enum IndexMethod: String, Sendable, CaseIterable {
  /// A graph of neighbours: the better recall for the same time, slower to build.
  case hnsw
  /// Lists around centres that are found from the data: quick to build, needs its data first.
  case ivfflat

  /// What people call it.
  package var title: String {
    switch self {
    case .hnsw: "HNSW"
    case .ivfflat: "IVFFlat"
    }
  }
}
