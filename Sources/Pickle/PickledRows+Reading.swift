extension PickledRows {
  /// Converts rows to Float32, one after another, into `output`.
  ///
  /// `output` must have memory for all numbers of these rows. Refuses NaN, infinities and numbers
  /// that overflow to infinity, and names the row and the column; `output` must not be used then.
  public func read(
    rows range: Range<Int>, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PickleError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows out of range")
    guard let start = output.baseAddress, !range.isEmpty else { return }
    var machine = Machine(source, mode: .replay, limits: limits, memo: memo.mutableCopy())
    switch storage {
    case .rows(let rows):
      var filled = 0
      for number in range {
        let row = rows[number]
        precondition(row.count <= output.count - filled, "the output is too small for the row")
        let target = UnsafeMutableBufferPointer(start: start + filled, count: row.count)
        try read(row, number: number, through: &machine, into: target)
        filled += row.count
      }
    case .matrix(let layout, let offsets):
      precondition(
        range.count <= output.count / layout.columns, "the output is too small for the rows")
      try read(layout, offsets, range, through: &machine.window, into: output)
    }
  }

  private func read(
    _ row: Row, number: Int, through machine: inout Machine,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(PickleError) {
    switch row.kind {
    case .opcodes:
      try machine.window.seek(to: row.start)
      try machine.window.readOpcodes(into: output, row: number)
    case .elements:
      guard let element = row.element else { return }
      try machine.window.seek(to: row.start)
      try machine.window.readElements(element, .raw, into: output, row: number)
    case .encoded:
      let layout = encoded[row.start]
      try machine.window.seek(to: layout.data.start)
      try machine.window.readElements(layout.element, layout.data.form, into: output, row: number)
    case .kept: try store(kept[row.start], into: output, row: number)
    case .replay: try store(try replay(row, on: &machine), into: output, row: number)
    }
  }

  /// Runs a row's opcodes again, with the memo that the whole pickle has made.
  private func replay(
    _ row: Row, on machine: inout Machine
  ) throws(PickleError) -> [Number] {
    try machine.restart(at: row.start)
    while try machine.step() {
      guard machine.stack.count == 1, machine.marks.isEmpty,
        case .sequence(let node) = machine.stack[0], case .items(let items) = node.content,
        items.count == row.count
      else { continue }
      return try machine.numbers(of: items)
    }
    throw PickleError(.unreadable("the file has changed since it was checked"), at: row.start)
  }

  private func store(
    _ numbers: [Number], into output: UnsafeMutableBufferPointer<Float>, row: Int
  ) throws(PickleError) {
    for (column, number) in numbers.enumerated() {
      output[column] = try number.finite(row: row, column: column)
    }
  }
}

extension Number {
  /// Returns the nearest Float32; where the number is not finite as a Float32, throws an error that
  /// names the row and the column.
  func finite(row: Int, column: Int) throws(PickleError) -> Float {
    let value = float
    guard value.isFinite else {
      throw PickleError(.notFinite(row: row, column: column, value: text))
    }
    return value
  }
}

extension ByteWindow {
  /// Reads as many number opcodes as numbers fit into `output`, and skips the opcodes that add the
  /// numbers to a sequence.
  mutating func readOpcodes(
    into output: UnsafeMutableBufferPointer<Float>, row: Int
  ) throws(PickleError) {
    guard let start = output.baseAddress else { return }
    var column = 0
    while column < output.count {
      let here = offset
      let (count, areFinite) = try takeFloats(output.count - column, to: start + column)
      if !areFinite { try refuse(floatsAt: here, count: count, row: row, column: column) }
      column += count
      guard column < output.count, count == 0 else { continue }
      if let number = try numberOrGathering() {
        output[column] = try number.finite(row: row, column: column)
        column += 1
      }
    }
  }

  /// Throws for the first of `count` BINFLOAT opcodes whose number is not finite.
  private mutating func refuse(
    floatsAt offset: Int, count: Int, row: Int, column: Int
  ) throws(PickleError) {
    try seek(to: offset)
    for index in 0..<count {
      try skip(1)
      _ = try Number.real(try double()).finite(row: row, column: column + index)
    }
  }

  /// Reads one opcode and returns its number; nil where the opcode has no number, such as MARK,
  /// APPENDS or BINPUT.
  private mutating func numberOrGathering() throws(PickleError) -> Number? {
    let start = offset
    guard let opcode = Opcode(rawValue: try byte()) else { throw changed(at: start) }
    switch opcode {
    case .mark, .append, .appends, .memoize: return nil
    case .frame: try skip(8)
    case .binput: try skip(1)
    case .longBinput: try skip(4)
    case .put: _ = try line(atMost: 20)
    case .binfloat, .float, .int, .long, .binint, .binint1, .binint2, .long1, .long4:
      guard case .number(let number) = try numeral(opcode) else { throw changed(at: start) }
      return number
    default: throw changed(at: start)
    }
    return nil
  }

  private func changed(at offset: Int) -> PickleError {
    .unreadable(at: offset, "the file has changed since it was checked")
  }
}
