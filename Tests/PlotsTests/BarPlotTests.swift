import Testing

@testable import Plots

@Suite struct BarPlotTests {
  private func plot(_ values: [Double], maximum: Double? = nil) -> BarPlot {
    BarPlot(
      title: "sizes",
      rows: values.enumerated().map { index, value in
        BarPlot.Row("row \(index) <&", [BarPlot.Bar(value, "\(value)", colour: index)])
      }, maximum: maximum)
  }

  /// Returns the widths of all bars.
  private func widths(_ plot: BarPlot) -> [Double] {
    plot.fragment.matches(of: /<rect class="fill[^>]* width="([0-9.]+)"/)
      .compactMap { Double($0.output.1) }
  }

  @Test func `bars are as long as their quantities`() {
    #expect(widths(plot([1, 2, 4, 0])) == [77.5, 155, 310, 0])
    #expect(widths(plot([0.5], maximum: 1)) == [155])
  }

  @Test func `small quantities are seen, and odd ones are not drawn`() {
    #expect(widths(plot([1e9, 1])) == [310, 1.5])
    #expect(widths(plot([.nan, .infinity, -1, 0])) == [0, 0, 0, 0])
    #expect(widths(plot([])).isEmpty)
  }

  @Test func `names are escaped`() {
    #expect(plot([1]).fragment.contains(">row 0 &lt;&amp;</text>"))
  }

  @Test func `drawings for pages have no style of their own`() {
    #expect(!plot([1]).fragment.contains("<style>") && !plot([1]).fragment.contains("xmlns"))
    for colour in 0..<PlotStyle.colourCount {
      #expect(PlotStyle.rules.contains(".plot .fill.s\(colour),"))
    }
  }
}
