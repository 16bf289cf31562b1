/// The measured quality of searches through an index: the share that is found, and the time.
package struct SearchQuality: Sendable, Equatable {
  /// The search setting that was measured.
  package let setting: SearchSetting
  /// The mean share of the ten nearest documents that the searches have found.
  package let recall: Double
  /// The median time of a search, in milliseconds.
  package let median: Double
  /// The time in milliseconds that 95 of 100 searches do not exceed.
  package let p95: Double
  /// The number of stored vectors that were searched for.
  package let queries: Int
  /// The smallest number of documents that one of the searches has returned.
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

  /// Returns true where the recall is at least `wanted`; rounding errors do not count.
  func reaches(_ wanted: Double) -> Bool { recall >= wanted - 1e-9 }

  /// Returns a quantile of sorted numbers: with a share of 0.95, the number that 95 of 100 numbers
  /// do not exceed; 0 where there are no numbers.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((Double(sorted.count) * share).rounded(.up)) - 1
    return sorted[min(max(rank, 0), sorted.count - 1)]
  }
}
