/// The parameters that an index is built with.
package enum IndexParameters: Sendable, Equatable {
  /// The links of each node, and how many candidates each new row is compared with.
  case hnsw(links: Int, construction: Int)
  /// How many lists the rows are divided into.
  case ivfflat(lists: Int)

  /// Chooses parameters for this many rows.
  ///
  /// HNSW: 16 links and 64 candidates under 10,000 rows, 24 and 200 up to 100,000, 32 and 200
  /// above. With fewer candidates, rows in separate clusters get too few links between them, and
  /// some queries never leave a wrong cluster, however far they search. IVFFlat: one list for every
  /// thousand rows up to a million, the square root of the number of rows above, as pgvector's
  /// guide recommends.
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

  /// The method that the parameters belong to.
  package var method: IndexMethod {
    switch self {
    case .hnsw: .hnsw
    case .ivfflat: .ivfflat
    }
  }

  /// The names and values of the parameters as the index stores them.
  package var options: [(name: String, value: Int)] {
    switch self {
    case .hnsw(let links, let construction): [("m", links), ("ef_construction", construction)]
    case .ivfflat(let lists): [("lists", lists)]
    }
  }

  /// The parameters that find more of the nearest rows and take longer to build; nil where there
  /// are none.
  ///
  /// With IVFFlat every list can be searched, so no other number of lists finds more than a search
  /// of all lists.
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
