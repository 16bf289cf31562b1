/// A plot of lines over two axes, as SVG for light and dark backgrounds.
public struct LinePlot: Sendable {
  /// One line of the plot.
  public struct Series: Sendable {
    /// The name of the line.
    public let name: String
    /// The points, from left to right.
    public let points: [(x: Double, y: Double)]

    /// The index of the line's colour; nil for the line's own position in the plot.
    public let colour: Int?

    /// Creates a line through points.
    public init(_ name: String, _ points: [(x: Double, y: Double)], colour: Int? = nil) {
      self.name = name
      self.points = points
      self.colour = colour
    }
  }

  /// The title above the plot.
  public let title: String
  /// The axis from left to right.
  public let horizontal: Axis
  /// The axis from bottom to top.
  public let vertical: Axis
  /// The lines of the plot.
  public let series: [Series]
  /// True where each point is marked; this is for lines with few points.
  public let marksPoints: Bool

  /// Creates a plot of lines; points outside of the axes are left out.
  public init(
    title: String, horizontal: Axis, vertical: Axis, series: [Series], marksPoints: Bool = false
  ) {
    self.title = title
    self.horizontal = horizontal
    self.vertical = vertical
    self.series = series
    self.marksPoints = marksPoints
  }

  /// The whole SVG document, with title and legend.
  public var svg: String {
    let frame = Frame(
      horizontal: horizontal, vertical: vertical, size: .document, legendRows: series.count)
    var canvas = SVGCanvas(width: frame.width, height: frame.height, title: title)
    canvas.text(title, x: frame.left, y: 26, kind: "title")
    drawAxes(frame, on: &canvas)
    for (index, line) in series.enumerated() {
      draw(line, index, frame, on: &canvas)
      drawLegend(line, index, frame, on: &canvas)
    }
    return canvas.document
  }

  /// The drawing as an element of an HTML page, which has the style of `PlotStyle`, and which shows
  /// title and legend as text of its own.
  public var fragment: String {
    let frame = Frame(horizontal: horizontal, vertical: vertical, size: .fragment, legendRows: 0)
    var canvas = SVGCanvas(width: frame.width, height: frame.height, title: title)
    drawAxes(frame, on: &canvas)
    for (index, line) in series.enumerated() { draw(line, index, frame, on: &canvas) }
    return canvas.fragment
  }

  private func drawAxes(_ frame: Frame, on canvas: inout SVGCanvas) {
    for tick in vertical.ticks {
      let y = frame.y(tick)
      canvas.line([(frame.left, y), (frame.right, y)], kind: "grid")
      canvas.text(vertical.label(tick), x: frame.left - 8, y: y + 4, kind: "tick", anchor: "end")
    }
    for tick in horizontal.ticks {
      let x = frame.x(tick)
      canvas.line([(x, frame.bottom), (x, frame.bottom + 5)], kind: "axis")
      canvas.text(
        horizontal.label(tick), x: x, y: frame.bottom + 20, kind: "tick", anchor: "middle")
    }
    canvas.line([(frame.left, frame.bottom), (frame.right, frame.bottom)], kind: "axis")
    let middle = (frame.left + frame.right) / 2
    canvas.text(
      horizontal.title, x: middle, y: frame.bottom + 42, kind: "axis-title", anchor: "middle")
    canvas.text(vertical.title, x: frame.titleLeft, y: frame.top - 14, kind: "axis-title")
  }

  private func draw(_ line: Series, _ index: Int, _ frame: Frame, on canvas: inout SVGCanvas) {
    let points = line.points.filter { horizontal.contains($0.x) && vertical.contains($0.y) }
      .map { (frame.x($0.x), frame.y($0.y)) }
    let kind = kind(of: line, index)
    canvas.line(points, kind: "series \(kind)")
    // A line through one point would not be seen.
    if marksPoints || points.count == 1 {
      for point in points { canvas.dot(point, kind: "fill \(kind)") }
    }
  }

  private func drawLegend(_ line: Series, _ index: Int, _ frame: Frame, on canvas: inout SVGCanvas)
  {
    let y = frame.legendTop + 20 * Double(index)
    canvas.line(
      [(frame.left, y - 4), (frame.left + 24, y - 4)], kind: "series \(kind(of: line, index))")
    canvas.text(line.name, x: frame.left + 32, y: y, kind: "legend")
  }

  private func kind(of line: Series, _ index: Int) -> String {
    "s\((line.colour ?? index) % PlotStyle.colourCount)"
  }
}

extension LinePlot {
  /// The size of a drawing and its margins.
  fileprivate struct Size {
    let width: Double
    let left: Double
    let top: Double
    let right: Double
    let height: Double
    let titleLeft: Double

    static let document = Size(
      width: 720, left: 64, top: 64, right: 24, height: 300, titleLeft: 64)
    static let fragment = Size(width: 400, left: 52, top: 30, right: 24, height: 190, titleLeft: 2)
  }

  /// The positions of the plot's parts, in units of the SVG document.
  fileprivate struct Frame {
    let horizontal: Axis
    let vertical: Axis
    let size: Size
    let legendRows: Int

    var width: Double { size.width }
    var left: Double { size.left }
    var top: Double { size.top }
    var titleLeft: Double { size.titleLeft }
    var right: Double { size.width - size.right }
    var bottom: Double { size.top + size.height }
    var legendTop: Double { bottom + 72 }
    var height: Double {
      legendRows > 0 ? legendTop + 20 * Double(legendRows) - 4 : bottom + 52
    }

    func x(_ value: Double) -> Double { left + horizontal.position(value) * (right - left) }

    func y(_ value: Double) -> Double { bottom - vertical.position(value) * (bottom - top) }
  }
}
