/// How thoroughly an index is searched: a larger value finds more, and takes longer.
package struct SearchSetting: Sendable, Equatable {
  /// The method that the setting belongs to.
  package let method: IndexMethod
  /// The value of `hnsw.ef_search` or `ivfflat.probes`.
  package let value: Int

  /// Creates a setting of a method.
  package init(_ method: IndexMethod, _ value: Int) {
    self.method = method
    self.value = value
  }

  /// The name of the setting on the server.
  package var name: String {
    switch method {
    case .hnsw: "hnsw.ef_search"
    case .ivfflat: "ivfflat.probes"
    }
  }

  /// The setting in words: `hnsw.ef_search = 40`.
  package var description: String { "\(name) = \(value)" }

  /// Returns the settings to try, in ascending order of their values.
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

  /// Returns the setting of an index for which no other is known: pgvector's own 40, or the square
  /// root of the number of lists.
  static func usual(_ parameters: IndexParameters) -> SearchSetting {
    switch parameters {
    case .hnsw: SearchSetting(.hnsw, 40)
    case .ivfflat(let lists):
      SearchSetting(.ivfflat, max(1, Int(Double(lists).squareRoot().rounded(.up))))
    }
  }
}
