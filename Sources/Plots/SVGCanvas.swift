/// Collects the elements of an SVG drawing (W3C SVG 1.1).
struct SVGCanvas {
  private let width: Double
  private let height: Double
  private let title: String
  private var elements: [String] = []

  init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  /// Adds a line through points.
  mutating func line(_ points: [(Double, Double)], kind: String) {
    guard !points.isEmpty else { return }
    let path = points.map { "\(fixed($0.0, digits: 1)),\(fixed($0.1, digits: 1))" }
    elements.append("<polyline class=\"\(kind)\" points=\"\(path.joined(separator: " "))\"/>")
  }

  /// Adds a mark at a point.
  mutating func dot(_ point: (Double, Double), kind: String) {
    let (x, y) = (fixed(point.0, digits: 1), fixed(point.1, digits: 1))
    elements.append("<circle class=\"\(kind)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3.5\"/>")
  }

  /// Adds a filled rectangle.
  mutating func bar(x: Double, y: Double, width: Double, height: Double, kind: String) {
    let place = "x=\"\(fixed(x, digits: 1))\" y=\"\(fixed(y, digits: 1))\""
    let size = "width=\"\(fixed(width, digits: 1))\" height=\"\(fixed(height, digits: 1))\""
    elements.append("<rect class=\"\(kind)\" \(place) \(size) rx=\"2\"/>")
  }

  /// Adds a line of text.
  mutating func text(_ text: String, x: Double, y: Double, kind: String, anchor: String = "start") {
    let place = "x=\"\(fixed(x, digits: 1))\" y=\"\(fixed(y, digits: 1))\""
    elements.append(
      "<text class=\"\(kind)\" \(place) text-anchor=\"\(anchor)\">\(Markup.escaped(text))</text>")
  }

  /// The drawing as a file of its own, with its style and background.
  var document: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" \(attributes)>
    <title>\(Markup.escaped(title))</title>
    <style>
    \(PlotStyle.rules)
    \(PlotStyle.background)
    </style>
    <rect class="page" x="0.5" y="0.5" width="\(fixed(width - 1, digits: 0))" \
    height="\(fixed(height - 1, digits: 0))" rx="8"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  /// The drawing as an element of an HTML page, which has the style of `PlotStyle`.
  var fragment: String {
    """
    <svg \(attributes)>
    <title>\(Markup.escaped(title))</title>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  private var attributes: String {
    let size = "\(fixed(width, digits: 0)) \(fixed(height, digits: 0))"
    return "class=\"plot\" viewBox=\"0 0 \(size)\" role=\"img\""
  }
}
