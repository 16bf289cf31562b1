internal import Messages

/// A table of rows and columns; each column is as wide as its widest cell.
struct Table: Equatable, Sendable {
  /// The alignment of a column's text.
  enum Alignment: Sendable {
    /// The text is at the left of its column, as is usual for words.
    case left
    /// The text is at the right of its column, as is usual for numbers.
    case right
  }

  /// A column, with its heading and its alignment.
  struct Column: Equatable, Sendable {
    /// The heading of the column.
    let title: String
    /// The alignment of the column.
    let alignment: Alignment
    /// True where a terminal that is too narrow for all columns does not show this one.
    let isOptional: Bool
    /// The smallest width to which the column is shortened; nil where it is never shortened.
    let smallestWidth: Int?

    /// Creates a column of words, which are at the left.
    static func left(_ title: String, isOptional: Bool = false) -> Column {
      Column(title: title, alignment: .left, isOptional: isOptional, smallestWidth: 8)
    }
    /// Creates a column of numbers, which are at the right.
    static func right(_ title: String, isOptional: Bool = false) -> Column {
      Column(title: title, alignment: .right, isOptional: isOptional, smallestWidth: nil)
    }
    /// Creates a column of times, which a narrow terminal does not show.
    static func time(_ title: String) -> Column {
      Column(title: title, alignment: .left, isOptional: true, smallestWidth: nil)
    }
  }

  /// The columns of the table, from left to right.
  private(set) var columns: [Column]
  /// The rows, each with one message for each column.
  private(set) var rows: [[Message]] = []

  /// Creates a table without rows.
  init(_ columns: [Column]) { self.columns = columns }

  /// Appends a row; missing cells become empty, cells without a column are dropped.
  mutating func append(_ cells: [Message]) {
    let missing = max(0, columns.count - cells.count)
    rows.append(Array(cells.prefix(columns.count)) + Array(repeating: Message(), count: missing))
  }

  /// Creates the lines of the table, the headings first.
  ///
  /// - Parameter width: the number of the terminal's columns; with nil, for files and pipes, no line
  ///   is shortened.
  func lines(width: Int? = nil) -> [Message] {
    let table = width.map(withoutColumns) ?? self
    let heading = table.columns.map { Message($0.title, .bold) }
    let widths = table.widths(heading: heading, within: width)
    return ([heading] + table.rows).map { table.line(of: $0, widths) }
  }

  /// Returns the table without optional columns, the last ones first, as far as the others need
  /// their place.
  private func withoutColumns(for width: Int) -> Table {
    var table = self
    let widths = widths(heading: columns.map { Message($0.title) }, within: nil)
    var places = Array(columns.indices)
    func smallest(_ column: Int) -> Int {
      min(widths[column], columns[column].smallestWidth ?? widths[column])
    }
    while places.reduce(2 * (places.count - 1), { $0 + smallest($1) }) > width,
      let last = places.lastIndex(where: { columns[$0].isOptional })
    {
      places.remove(at: last)
    }
    table.columns = places.map { columns[$0] }
    table.rows = rows.map { row in places.map { row[$0] } }
    return table
  }

  private func line(of cells: [Message], _ widths: [Int]) -> Message {
    var line = Message()
    for (index, cell) in cells.enumerated() {
      let text = cell.trimmed(to: widths[index])
      let padding = String(repeating: " ", count: widths[index] - text.displayWidth)
      let isLast = index == cells.count - 1
      switch columns[index].alignment {
      case .left: line += isLast ? text : text + Message(trusted: padding)
      case .right: line += Message(trusted: padding) + text
      }
      if !isLast { line += "  " }
    }
    return line
  }

  /// Computes the width of each column from its widest cell; where the table is too wide, makes the
  /// widest text columns narrower.
  private func widths(heading: [Message], within limit: Int?) -> [Int] {
    var widths = columns.indices.map { column in
      ([heading] + rows).map { $0[column].displayWidth }.max() ?? 0
    }
    guard let limit else { return widths }
    let gaps = 2 * max(0, columns.count - 1)
    while widths.reduce(gaps, +) > limit {
      let shrinkable = widths.indices.filter { widths[$0] > columns[$0].smallestWidth ?? .max }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }
}
