/// How many results of an exact scan one index finds, and how quickly.
package struct SearchQuality: Sendable, Equatable {
  /// The setting of the searches.
  package let setting: SearchSetting
  /// The mean share of the ten nearest documents that were found.
  package let recall: Double
  /// The median time of a search, in milliseconds.
  package let median: Double
  /// The 95th percentile of the times of searches, in milliseconds.
  package let p95: Double
  /// How many stored vectors were searched for.
  package let queries: Int
  /// The fewest documents that a search returned.
  package let fewest: Int

  init(
    _ setting: SearchSetting, recalls: [Double], milliseconds: [Double], counts: [Int]
  ) {
    self.setting = setting
    queries = recalls.count
    recall = recalls.isEmpty ? 1 : recalls.reduce(0, +) / Double(recalls.count)
    let sorted = milliseconds.sorted()
    median = Self.quantile(sorted, 0.5)
    p95 = Self.quantile(sorted, 0.95)
    fewest = counts.min() ?? 0
  }

  /// Returns whether the recall is at least `wanted`, apart from rounding in the last digit of a
  /// mean.
  func reaches(_ wanted: Double) -> Bool { recall >= wanted - 1e-9 }

  /// Finds the number below which a share of the sorted numbers lies, with the rank rounded up; 0
  /// where there are no numbers.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((Double(sorted.count) * share).rounded(.up)) - 1
    return sorted[min(max(rank, 0), sorted.count - 1)]
  }
}
