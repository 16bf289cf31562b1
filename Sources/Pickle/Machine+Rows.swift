internal import Bounds

extension Machine {
  /// Returns the place of the numbers of an item, which must be one row.
  mutating func row(_ item: Item, number: Int) throws(PickleError) -> Row {
    let row: Row
    switch item {
    case .array(let node): row = try arrayRow(node, number: number)
    case .sequence(let node): row = try sequenceRow(node, number: number)
    default: throw PickleError(.notRows("row \(number) is \(item.what)"))
    }
    guard row.count > 0 else { throw PickleError(.notRows("row \(number) is empty")) }
    try count(cells: row.count, times: 1)
    return row
  }

  /// Counts the numbers of new rows before memory is reserved for them; refuses more numbers than
  /// the limits allow.
  mutating func count(cells width: Int, times rows: Int) throws(PickleError) {
    let (product, overflow) = width.multipliedReportingOverflow(by: rows)
    let (sum, overflows) = cells.addingReportingOverflow(product)
    guard !overflow, !overflows, sum <= window.size.addingSaturated(limits.cells) else {
      throw PickleError(.limit("rows that share numbers make a matrix far too large"))
    }
    guard width <= limits.width else {
      throw PickleError(.limit("a vector of more than \(limits.width) numbers"))
    }
    cells = sum
  }

  private mutating func arrayRow(_ node: ArrayNode, number: Int) throws(PickleError) -> Row {
    guard let layout = node.layout else {
      throw PickleError(.malformed("row \(number) is an array without data"))
    }
    guard layout.dimensions == 1 else {
      throw PickleError(
        .notRows("row \(number) is an array with \(layout.dimensions) axes, not 1"))
    }
    let count = layout.shape[0]
    if layout.data.form == .raw {
      return Row(.elements, start: layout.data.start, count: count, element: layout.element)
    }
    try spend(128)
    encoded.append(layout)
    return Row(.encoded, start: encoded.count - 1, count: count)
  }

  private mutating func sequenceRow(_ node: SequenceNode, number: Int) throws(PickleError) -> Row {
    switch node.content {
    case .numbers(let run):
      return Row(
        run.isPlain ? .opcodes : .replay, start: run.isPlain ? run.start : node.start,
        count: run.count)
    case .rows: throw PickleError(.notRows("row \(number) holds vectors instead of numbers"))
    case .items(let items):
      let run = try NumberRun(items, limits: limits)
      if run.isPlain { return Row(.opcodes, start: run.start, count: run.count) }
      // A tuple that contains runs has a mark, so it can be run again from there.
      if items.contains(where: \.isRun) { return Row(.replay, start: node.start, count: run.count) }
      let numbers = try numbers(of: items)
      try spend(64 + 32 * numbers.count)
      kept.append(numbers)
      return Row(.kept, start: kept.count - 1, count: numbers.count)
    }
  }

  /// Returns the numbers of items that are kept one by one; refuses an item that is no number.
  func numbers(of items: [Item]) throws(PickleError) -> [Number] {
    var numbers: [Number] = []
    for item in items {
      switch item {
      case .number(let number, _), .scalar(let number): numbers.append(number)
      case .array(let node):
        guard let layout = node.layout, layout.dimensions == 0 else {
          throw PickleError(.notRows("an array stands among the numbers of a vector"))
        }
        numbers.append(try scalar(layout.element, layout.data))
      default: throw PickleError(.notRows("\(item.what) stands among the numbers of a vector"))
      }
    }
    return numbers
  }
}
