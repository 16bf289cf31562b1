/// A plot of horizontal bars, for light and dark pages.
public struct BarPlot: Sendable {
  /// One bar of a row.
  public struct Bar: Sendable {
    /// The quantity that the bar shows.
    public let value: Double
    /// The quantity in words, at the end of the bar.
    public let label: String
    /// The index of the bar's colour.
    public let colour: Int

    /// Creates a bar.
    public init(_ value: Double, _ label: String, colour: Int = 0) {
      self.value = value
      self.label = label
      self.colour = colour
    }
  }

  /// The bars that belong together, below their name.
  public struct Row: Sendable {
    /// The name of the row.
    public let name: String
    /// The bars, from top to bottom.
    public let bars: [Bar]

    /// Creates a row.
    public init(_ name: String, _ bars: [Bar]) {
      self.name = name
      self.bars = bars
    }
  }

  /// The title, for programs that read the page aloud.
  public let title: String
  /// The rows, from top to bottom.
  public let rows: [Row]
  /// The quantity of a bar that takes the whole width.
  public let maximum: Double

  /// Creates a plot.
  ///
  /// - Parameter maximum: the quantity of the longest possible bar; nil for the largest quantity.
  public init(title: String, rows: [Row], maximum: Double? = nil) {
    self.title = title
    self.rows = rows
    let largest = rows.flatMap(\.bars).map(\.value).filter(\.isFinite).max() ?? 0
    self.maximum = maximum ?? (largest > 0 ? largest : 1)
  }

  private static let width = 400.0
  /// The room for the label after the longest bar.
  private static let labelRoom = 90.0
  private static let barHeight = 14.0

  /// The drawing as an element of an HTML page, which has the style of `PlotStyle`.
  public var fragment: String {
    let barCount = rows.reduce(0) { $0 + $1.bars.count }
    let height = Double(rows.count) * 26 + Double(barCount) * (Self.barHeight + 3)
    var canvas = SVGCanvas(width: Self.width, height: max(1, height), title: title)
    var y = 0.0
    for row in rows {
      canvas.text(row.name, x: 2, y: y + 15, kind: "label")
      y += 21
      for bar in row.bars {
        draw(bar, at: y, on: &canvas)
        y += Self.barHeight + 3
      }
      y += 5
    }
    return canvas.fragment
  }

  private func draw(_ bar: Bar, at y: Double, on canvas: inout SVGCanvas) {
    let share = bar.value.isFinite ? min(1, max(0, bar.value / maximum)) : 0
    // A quantity that is not zero can be seen.
    let length = share > 0 ? max(1.5, share * (Self.width - Self.labelRoom)) : 0
    canvas.bar(
      x: 2, y: y, width: length, height: Self.barHeight,
      kind: "fill s\(bar.colour % PlotStyle.colourCount)")
    canvas.text(bar.label, x: length + 8, y: y + 11.5, kind: "tick")
  }
}
