/// Collects the elements of an SVG document (W3C SVG 1.1).
struct SVGCanvas {
  private let width: Double
  private let height: Double
  private let title: String
  private var elements: [String] = []

  /// The colours on light and on dark backgrounds, which people with any kind of colour vision can
  /// tell apart.
  static let colours = [
    ("#0a5fb4", "#6cb6ff"), ("#c2410c", "#ff9d5c"), ("#047857", "#4ade9b"), ("#9d174d", "#f48fb8"),
    ("#5b5b5b", "#b8b8b8"),
  ]

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

  /// Adds a line of text.
  mutating func text(_ text: String, x: Double, y: Double, kind: String, anchor: String = "start") {
    let place = "x=\"\(fixed(x, digits: 1))\" y=\"\(fixed(y, digits: 1))\""
    elements.append(
      "<text class=\"\(kind)\" \(place) text-anchor=\"\(anchor)\">\(Self.escaped(text))</text>")
  }

  /// The whole document.
  var document: String {
    let size = "\(fixed(width, digits: 0)) \(fixed(height, digits: 0))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" role="img">
      <title>\(Self.escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  /// The rules of style, for light and for dark pages; a page that names no colour scheme counts as
  /// light.
  private static var style: String {
    func rules(_ dark: Bool) -> String {
      colours.enumerated().map { index, pair in
        let colour = dark ? pair.1 : pair.0
        return ".series.s\(index){stroke:\(colour)}.dot.s\(index){fill:\(colour)}"
      }.joined()
    }
    return """
      text{font-family:system-ui,sans-serif;font-size:13px;fill:#33373d}
      .title{font-size:15px;font-weight:600}.tick{font-size:12px;fill:#5c626b}
      polyline{fill:none}.grid{stroke:#d8dce2}.axis{stroke:#7b828c}
      .series{stroke-width:2;stroke-linejoin:round}
      \(rules(false))
      @media (prefers-color-scheme:dark){text{fill:#d5d9df}.tick{fill:#a3aab4}
      .grid{stroke:#3a4048}.axis{stroke:#8b929c}
      \(rules(true))}
      """
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      // XML does not allow control characters.
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
