import Foundation
import Testing

@testable import Plots

@Suite struct LinePlotTests {
  private func plot(title: String) -> LinePlot {
    LinePlot(
      title: title, horizontal: Axis("components", 0...2000, every: 500),
      vertical: Axis("share", 0...1, every: 0.2, digits: 1),
      series: [
        .init("one", [(0, 0), (1000, 0.5), (2000, 1), (3000, 2)]), .init("a < b", [(0, 1)]),
      ],
      marksPoints: true)
  }

  @Test func `a plot is well-formed XML, whatever its texts are`() throws {
    for title in ["Energy", "a < b & \"c\" > d", "control \u{1}\u{1B}[31m", "日本 🦊"] {
      let parser = XMLCheck(plot(title: title).svg)
      #expect(parser.isWellFormed, "\(title)")
    }
  }

  @Test func `points outside the axes are left out, ticks carry figures`() {
    let svg = plot(title: "t").svg
    #expect(svg.components(separatedBy: "<circle").count == 1 + 4)
    for tick in ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "500", "2000"] {
      #expect(svg.contains(">\(tick)</text>"), "\(tick)")
    }
    #expect(svg.contains("a &lt; b"))
  }

  @Test func `it has colours for light and for dark pages`() {
    #expect(plot(title: "t").svg.contains("@media screen and (prefers-color-scheme:dark)"))
    #expect(Set(PlotStyle.palette.flatMap { [$0.0, $0.1] }).count == 2 * PlotStyle.palette.count)
  }

  @Test(arguments: [
    (0.0, 0, "0"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"), (0.05, 2, "0.05"), (12.996, 2, "13.00"),
  ])
  func `figures have their digits`(value: Double, digits: Int, text: String) {
    #expect(fixed(value, digits: digits) == text)
  }

  @Test(arguments: [(8.0, 1.0), (9, 2), (2000, 500), (115, 20), (1, 1)])
  func `steps are round`(length: Double, step: Double) {
    #expect(Axis.step(for: length) == step)
  }
}

/// Checks that all tags are closed, which is enough for documents that declare no entities.
private struct XMLCheck {
  let isWellFormed: Bool

  init(_ text: String) {
    var open: [Substring] = []
    var rest = text[...]
    var fits = true
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        fits = fits && open.popLast() == tag.dropFirst()
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
      rest = rest[rest.index(after: end)...]
    }
    let controls = text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }
    isWellFormed = fits && open.isEmpty && !controls
  }
}
