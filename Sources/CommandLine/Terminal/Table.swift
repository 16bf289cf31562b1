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

    /// Creates a column of words, which are at the left.
    static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
    /// Creates a column of numbers, which are at the right.
    static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  /// The columns of the table, from left to right.
  let columns: [Column]
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
    let heading = columns.map { Message($0.title, .bold) }
    let widths = widths(heading: heading, within: width)
    return ([heading] + rows).map { line(of: $0, widths) }
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
      let shrinkable = widths.indices.filter { columns[$0].alignment == .left && widths[$0] > 8 }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }
}
