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

  /// The whole SVG document.
  public var svg: String {
    let frame = Frame(horizontal: horizontal, vertical: vertical, legendRows: series.count)
    var canvas = SVGCanvas(width: Frame.width, height: frame.height, title: title)
    canvas.text(title, x: Frame.left, y: 26, kind: "title")
    drawAxes(frame, on: &canvas)
    for (index, line) in series.enumerated() { draw(line, index, frame, on: &canvas) }
    return canvas.document
  }

  private func drawAxes(_ frame: Frame, on canvas: inout SVGCanvas) {
    for tick in vertical.ticks {
      let y = frame.y(tick)
      canvas.line([(Frame.left, y), (frame.right, y)], kind: "grid")
      canvas.text(vertical.label(tick), x: Frame.left - 8, y: y + 4, kind: "tick", anchor: "end")
    }
    for tick in horizontal.ticks {
      let x = frame.x(tick)
      canvas.line([(x, frame.bottom), (x, frame.bottom + 5)], kind: "axis")
      canvas.text(
        horizontal.label(tick), x: x, y: frame.bottom + 20, kind: "tick", anchor: "middle")
    }
    canvas.line([(Frame.left, frame.bottom), (frame.right, frame.bottom)], kind: "axis")
    let middle = (Frame.left + frame.right) / 2
    canvas.text(
      horizontal.title, x: middle, y: frame.bottom + 42, kind: "axis-title", anchor: "middle")
    canvas.text(vertical.title, x: Frame.left, y: Frame.top - 14, kind: "axis-title")
  }

  private func draw(_ line: Series, _ index: Int, _ frame: Frame, on canvas: inout SVGCanvas) {
    let points = line.points.filter { horizontal.contains($0.x) && vertical.contains($0.y) }
      .map { (frame.x($0.x), frame.y($0.y)) }
    let kind = "s\((line.colour ?? index) % SVGCanvas.colours.count)"
    canvas.line(points, kind: "series \(kind)")
    if marksPoints { for point in points { canvas.dot(point, kind: "dot \(kind)") } }
    let y = frame.legendTop + 20 * Double(index)
    canvas.line([(Frame.left, y - 4), (Frame.left + 24, y - 4)], kind: "series \(kind)")
    canvas.text(line.name, x: Frame.left + 32, y: y, kind: "legend")
  }

  /// The positions of the plot's parts, in units of the SVG document.
  private struct Frame {
    static let width = 720.0
    static let left = 64.0
    static let top = 64.0
    let right = Frame.width - 24
    let bottom = Frame.top + 300
    let horizontal: Axis
    let vertical: Axis
    let legendRows: Int

    var legendTop: Double { bottom + 72 }
    var height: Double { legendTop + 20 * Double(legendRows) - 4 }

    func x(_ value: Double) -> Double {
      Frame.left + horizontal.position(value) * (right - Frame.left)
    }

    func y(_ value: Double) -> Double { bottom - vertical.position(value) * (bottom - Frame.top) }
  }
}
