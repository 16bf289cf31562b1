/// A plot of the page with the same numbers as a table.
package struct Figure: Equatable, Sendable {
  /// The name of the figure in links inside the page.
  package let id: String
  /// The heading of the figure.
  package let title: String
  /// The explanation of what the figure shows.
  package let note: String
  /// The names of lines or bars with the indexes of their colours; empty where one colour needs no
  /// name.
  package var legend: [(name: String, colour: Int)] = []
  /// The drawing as an SVG element; nil where there is nothing to draw.
  package let drawing: String?
  /// The headings of the table.
  package let columns: [String]
  /// The rows of the table; the first cell names the row.
  package let rows: [[String]]

  package static func == (left: Figure, right: Figure) -> Bool {
    left.id == right.id && left.title == right.title && left.note == right.note
      && left.drawing == right.drawing && left.columns == right.columns && left.rows == right.rows
      && left.legend.elementsEqual(right.legend) { $0 == $1 }
  }

  /// Creates a figure.
  init(
    id: String, title: String, note: String, legend: [(name: String, colour: Int)] = [],
    drawing: String?, columns: [String] = [], rows: [[String]] = []
  ) {
    self.id = id
    self.title = title
    self.note = note
    self.legend = legend
    self.drawing = drawing
    self.columns = columns
    self.rows = rows
  }

  /// Creates a figure that has nothing to show, for a reason.
  init(id: String, title: String, missing reason: String) {
    self.init(id: id, title: title, note: reason, drawing: nil)
  }
}

extension RunPage {
  /// All figures of the page, in their order.
  package var allFigures: [Figure] {
    [recallFigure, scoreFigure, energyFigure, stageFigure, rateFigure, sizeFigure]
  }
}
