/// The amount that a run's report says about each store.
enum ReportDetail: Int, Comparable, Sendable {
  /// Nothing before the summary, which lists what failed.
  case summary
  /// One line for each store that failed.
  case failures
  /// One line for each store.
  case stores
  /// All lines of each store.
  case everything

  /// The largest number of stores for which all lines are printed where the operator does not
  /// choose.
  static let fewStores = 20

  /// Chooses the amount for a number of stores.
  ///
  /// - Parameter verbosity: the number of times that `--verbose` is given.
  init(isQuiet: Bool, verbosity: Int, stores: Int) {
    self =
      if isQuiet {
        .summary
      } else if verbosity > 1 || stores <= Self.fewStores {
        .everything
      } else {
        verbosity == 1 ? .stores : .failures
      }
  }

  static func < (left: ReportDetail, right: ReportDetail) -> Bool { left.rawValue < right.rawValue }
}
