/// The colours and lines of all plots, for light and for dark pages.
public enum PlotStyle {
  /// The rules of style for drawings inside a page.
  ///
  /// The rules concern only elements of the class `plot`, and elements of the class `swatch` that stand
  /// for a line or bar in a legend. A page that names no colour scheme, and paper, count as light.
  public static var rules: String {
    """
    .plot text{font-family:system-ui,sans-serif;font-size:13px;fill:#33373d}
    .plot .title{font-size:15px;font-weight:600}.plot .tick{font-size:12px;fill:#5c626b}
    .plot polyline{fill:none}.plot .grid{stroke:#d8dce2}.plot .axis{stroke:#7b828c}
    .plot .series{stroke-width:2;stroke-linejoin:round}
    \(dashes)
    \(colours(dark: false))
    @media screen and (prefers-color-scheme:dark){
    .plot text{fill:#d5d9df}.plot .tick{fill:#a3aab4}
    .plot .grid{stroke:#3a4048}.plot .axis{stroke:#8b929c}
    \(colours(dark: true))}
    """
  }

  /// The rules for the background of a drawing that is a file of its own.
  ///
  /// The page around the file may have another colour than the viewer prefers, so the drawing does
  /// not rely on the colour of the page.
  static let background = """
    .plot .page{fill:#ffffff;stroke:#d8dce2}
    @media screen and (prefers-color-scheme:dark){.plot .page{fill:#14181d;stroke:#3a4048}}
    """

  /// The number of lines or bars that have different colours.
  static var colourCount: Int { palette.count }

  /// The colours on light and on dark backgrounds, which people with any kind of colour vision can
  /// tell apart.
  static let palette = [
    ("#0a5fb4", "#6cb6ff"), ("#c2410c", "#ff9d5c"), ("#047857", "#4ade9b"), ("#9d174d", "#f48fb8"),
    ("#5b5b5b", "#b8b8b8"),
  ]

  /// The lengths of dashes and gaps, so that lines differ on paper without colours too.
  private static let dashes: String = ["", "8 4", "2 3", "9 3 2 3", "14 4"].enumerated()
    .filter { !$0.element.isEmpty }
    .map { ".plot .series.s\($0.offset){stroke-dasharray:\($0.element)}" }.joined()

  private static func colours(dark: Bool) -> String {
    palette.enumerated().map { index, pair in
      let colour = dark ? pair.1 : pair.0
      return ".plot .series.s\(index){stroke:\(colour)}"
        + ".plot .fill.s\(index),.swatch.s\(index){fill:\(colour);background:\(colour)}"
    }.joined(separator: "\n")
  }
}
