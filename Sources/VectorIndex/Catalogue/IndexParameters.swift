/// The parameters with which an index is built.
package enum IndexParameters: Sendable, Equatable {
  /// `m`, the number of links of each row in the graph, and `ef_construction`, the number of rows
  /// that each new row is compared with.
  case hnsw(links: Int, construction: Int)
  /// The number of lists into which the rows are divided.
  case ivfflat(lists: Int)

  /// Chooses the parameters for an index on this many rows.
  ///
  /// HNSW: 16 links and 64 candidates for fewer than 10,000 rows, 24 and 200 for up to 100,000
  /// rows, 32 and 200 for more. With fewer candidates, rows in separate clusters get too few links
  /// between them, so that some searches stay in a wrong cluster, however long they search.
  /// IVFFlat: one list for every thousand rows up to a million rows, and the square root of the
  /// number of rows for more, as pgvector's guide recommends.
  package static func fitting(_ method: IndexMethod, rows: Int) -> IndexParameters {
    switch method {
    case .hnsw:
      if rows < 10_000 { return .hnsw(links: 16, construction: 64) }
      if rows <= 100_000 { return .hnsw(links: 24, construction: 200) }
      return .hnsw(links: 32, construction: 200)
    case .ivfflat:
      let lists = rows <= 1_000_000 ? rows / 1000 : Int(Double(rows).squareRoot())
      return .ivfflat(lists: min(max(lists, 1), 32_768))
    }
  }

  /// The method that has these parameters.
  package var method: IndexMethod {
    switch self {
    case .hnsw: .hnsw
    case .ivfflat: .ivfflat
    }
  }

  /// The names and values of the parameters, as the index stores them.
  package var options: [(name: String, value: Int)] {
    switch self {
    case .hnsw(let links, let construction): [("m", links), ("ef_construction", construction)]
    case .ivfflat(let lists): [("lists", lists)]
    }
  }

  /// The parameters with which an index finds more of the nearest rows, but takes longer to build;
  /// nil where there are none.
  ///
  /// For IVFFlat there are none: a search can already read every list, and no other number of lists
  /// finds more.
  var denser: IndexParameters? {
    guard case .hnsw(let links, let construction) = self else { return nil }
    let more = min(100, max(links + links / 2, 24))
    let denser = IndexParameters.hnsw(
      links: more, construction: min(1000, max(2 * construction, 4 * more)))
    return denser == self ? nil : denser
  }

  /// The parameters in words: `m 16, ef_construction 64`.
  package var description: String {
    options.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
  }
}
