/// Positions in a store: all positions are counted, and the first ranges of positions are kept.
public struct PositionList: Sendable, Equatable {
  /// The largest number of ranges that are kept.
  public static let rangeLimit = 20

  /// The first ranges of consecutive positions.
  public private(set) var ranges: [ClosedRange<Int>] = []
  /// The number of all positions, including those that are not kept.
  public private(set) var count = 0

  /// Creates an empty list.
  public init() {}

  /// Creates a list of one range.
  public init(_ range: Range<Int>) {
    if range.isEmpty { return }
    ranges = [range.lowerBound...range.upperBound - 1]
    count = range.count
  }

  /// Adds a position, which must be greater than all others.
  public mutating func append(_ position: Int) {
    count += 1
    if let last = ranges.last, last.upperBound + 1 == position {
      ranges[ranges.count - 1] = last.lowerBound...position
    } else if ranges.count < Self.rangeLimit {
      ranges.append(position...position)
    }
  }
}

extension PositionList: CustomStringConvertible {
  /// The ranges in words and, where some are not kept, the number of the other positions: `3, 7–9
  /// and 12 more`.
  public var description: String {
    let shown = ranges.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
    }
    let kept = ranges.reduce(0) { $0 + $1.count }
    let list = shown.joined(separator: ", ")
    return kept < count ? "\(list) and \(count - kept) more" : list
  }
}
