/// The setting for the effort of a search: a larger value finds more and takes longer.
package struct SearchSetting: Sendable, Equatable {
  /// The index method that the setting is for.
  package let method: IndexMethod
  /// The value of `hnsw.ef_search` or `ivfflat.probes`.
  package let value: Int

  /// Creates a setting of a method.
  package init(_ method: IndexMethod, _ value: Int) {
    self.method = method
    self.value = value
  }

  /// The name of the setting in PostgreSQL.
  package var name: String {
    switch method {
    case .hnsw: "hnsw.ef_search"
    case .ivfflat: "ivfflat.probes"
    }
  }

  /// The setting in words: `hnsw.ef_search = 40`.
  package var description: String { "\(name) = \(value)" }

  /// Returns the settings to measure for an index with these parameters, the smallest first.
  static func candidates(_ parameters: IndexParameters) -> [SearchSetting] {
    switch parameters {
    case .hnsw:
      return [40, 60, 80, 120, 200, 400, 800].map { SearchSetting(.hnsw, $0) }
    case .ivfflat(let lists):
      var values: [Int] = []
      var value = 1
      while value < lists {
        values.append(value)
        value *= 2
      }
      return (values + [lists]).map { SearchSetting(.ivfflat, $0) }
    }
  }

  /// Returns the setting where nobody has set one: pgvector's default of 40 for HNSW, or the square
  /// root of the number of lists for IVFFlat.
  static func usual(_ parameters: IndexParameters) -> SearchSetting {
    switch parameters {
    case .hnsw: SearchSetting(.hnsw, 40)
    case .ivfflat(let lists):
      SearchSetting(.ivfflat, max(1, Int(Double(lists).squareRoot().rounded(.up))))
    }
  }
}
