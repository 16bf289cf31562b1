internal import Messages

/// The contents of one progress line.
struct ProgressFrame: Equatable, Sendable {
  /// The unit that is counted.
  enum Unit: Equatable, Sendable {
    /// Things, counted under their plural: `vectors`.
    case things(String)
    /// Bytes, shown as sizes such as `3.2 MB`.
    case bytes
    /// A share of the work, shown only as a percentage.
    case share
  }

  /// The name of the current work.
  var label: Message
  /// The completed amount of work.
  var completed: Int
  /// The total amount of work; nil where it is not known.
  var total: Int?
  /// The unit that is counted.
  var unit: Unit
  /// The amount of work completed in a second; nil where the speed is not known yet.
  var rate: Double?

  /// True where the total is completed.
  var isComplete: Bool { total.map { completed >= $0 } ?? false }

  /// Creates the text of the line, at most `columns` wide; leaves out the least important parts
  /// where there is not enough space.
  func line(columns: Int, isUnicode: Bool) -> Message {
    let ladder = [
      [percentage, amount, speed, remaining], [percentage, amount, remaining],
      [percentage ?? amount, remaining],
    ]
    for (step, figures) in ladder.enumerated() {
      let text = figures.compactMap { $0 }.joined(separator: "  ")
      let space = columns - label.displayWidth - text.displayWidth - 2
      if step == 0, let share, space >= 2 + Self.smallestBar {
        let bar = progressBar(share, width: min(space - 2, 40), isUnicode: isUnicode)
        return "\(label)  \(bar, .cyan)  \(text)"
      }
      if space >= 0 { return "\(label)  \(text)" }
    }
    let shortest = percentage ?? amount ?? ""
    let space = columns - shortest.displayWidth - 2
    if space < 4 { return Message(shortest.trimmed(to: columns)) }
    return "\(label.trimmed(to: space))  \(shortest)"
  }

  /// The smallest useful width of a bar, in columns.
  private static let smallestBar = 10

  /// The part of the work that is done, from 0 to 1; nil where the total is zero or not known.
  private var share: Double? {
    guard let total, total > 0 else { return nil }
    return min(1, max(0, Double(completed) / Double(total)))
  }

  /// The percentage that is done, rounded down, so that 100% means that all is done.
  private var percentage: String? { share.map { "\(Int($0 * 100))%" } }

  private var amount: String? {
    switch (unit, total) {
    case (.things(let name), let total?): "\(grouped(completed)) of \(grouped(total)) \(name)"
    case (.things(let name), nil): "\(grouped(completed)) \(name)"
    case (.bytes, let total?): "\(byteSize(completed)) of \(byteSize(total))"
    case (.bytes, nil): byteSize(completed)
    case (.share, _): nil
    }
  }

  private var speed: String? {
    guard let rate, rate.isFinite, rate >= 1, rate < 1e18, unit != .share else { return nil }
    return unit == .bytes ? "\(byteSize(Int(rate)))/s" : "\(grouped(Int(rate)))/s"
  }

  private var remaining: String? {
    guard let total, let rate, rate > 0, completed < total else { return nil }
    let seconds = (Double(total - completed) / rate).rounded(.up)
    // An estimate of more than a hundred days helps nobody.
    guard seconds < 8_640_000 else { return nil }
    return "\(duration(wholeSeconds: Int(seconds))) left"
  }
}

/// Draws a bar that is `columns` wide, including its two edges.
func progressBar(_ share: Double, width columns: Int, isUnicode: Bool) -> String {
  let width = columns - 2
  guard isUnicode else {
    let full = Int(share * Double(width))
    return
      "[\(String(repeating: "#", count: full))\(String(repeating: "-", count: width - full))]"
  }
  let eighths = Int(share * Double(width) * 8)
  let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
  let filled = String(repeating: "█", count: eighths / 8) + partial
  return "▕\(filled)\(String(repeating: " ", count: width - filled.count))▏"
}
