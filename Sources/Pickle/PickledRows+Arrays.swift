extension ByteWindow {
  /// Converts array elements that follow one another; their bytes may be written in any form.
  mutating func readElements(
    _ element: ElementType, _ form: ByteSpan.Form,
    into output: UnsafeMutableBufferPointer<Float>, row: Int
  ) throws(PickleError) {
    if form == .raw { return try readRawElements(element, into: output, row: row) }
    for column in output.indices {
      output[column] = try decodedElement(element, form).finite(row: row, column: column)
    }
  }

  private mutating func readRawElements(
    _ element: ElementType, into output: UnsafeMutableBufferPointer<Float>, row: Int
  ) throws(PickleError) {
    var column = 0
    while column < output.count {
      try require(element.size)
      let bytes = atHand
      let count = min(output.count - column, bytes.count / element.size)
      guard let start = bytes.baseAddress else { return }
      let target = UnsafeMutableBufferPointer(rebasing: output[column..<column + count])
      if let bad = element.convert(start, into: target) {
        _ = try element.number(at: start + bad * element.size)
          .finite(row: row, column: column + bad)
      }
      try skip(count * element.size)
      column += count
    }
  }

  /// Reads and converts the next element of an array whose bytes are written in `form`.
  mutating func decodedElement(
    _ element: ElementType, _ form: ByteSpan.Form
  ) throws(PickleError) -> Number {
    var bits: UInt64 = 0
    for index in 0..<element.size {
      let byte = UInt64(try decodedByte(form))
      bits = element.isBigEndian ? bits << 8 | byte : bits | byte << UInt64(8 * index)
    }
    return element.number(bits)
  }
}

extension ElementType {
  /// Converts elements whose bytes are in the file as they are.
  ///
  /// - Returns: the index of the first element that is not finite as a Float32, nil where all are
  ///   finite.
  func convert(
    _ bytes: UnsafeRawPointer, into output: UnsafeMutableBufferPointer<Float>
  ) -> Int? {
    var largest: UInt32 = 0
    // The usual types have a loop of their own, which the compiler can keep in registers.
    switch (kind, size, isBigEndian) {
    case (.float, 4, false):
      for index in output.indices {
        let bits = (bytes + index * 4).loadUnaligned(as: UInt32.self)
        output[index] = Float(bitPattern: UInt32(littleEndian: bits))
        largest = max(largest, bits & 0x7FFF_FFFF)
      }
    case (.float, 8, false):
      for index in output.indices {
        let bits = (bytes + index * 8).loadUnaligned(as: UInt64.self)
        let value = Float(Double(bitPattern: UInt64(littleEndian: bits)))
        output[index] = value
        largest = max(largest, value.bitPattern & 0x7FFF_FFFF)
      }
    default:
      for index in output.indices {
        let value = number(at: bytes + index * size).float
        output[index] = value
        largest = max(largest, value.bitPattern & 0x7FFF_FFFF)
      }
    }
    return largest < 0x7F80_0000 ? nil : output.firstIndex { !$0.isFinite }
  }
}

extension PickledRows {
  /// Reads rows of one two-dimensional array, which is the whole pickle.
  func read(
    _ layout: ArrayLayout, _ offsets: [Int], _ rows: Range<Int>,
    through window: inout ByteWindow, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PickleError) {
    if layout.isFortran {
      return try readColumns(layout, offsets, rows, through: &window, into: output)
    }
    let width = layout.columns
    for (index, row) in rows.enumerated() {
      let target = UnsafeMutableBufferPointer(
        rebasing: output[index * width..<(index + 1) * width])
      let start =
        layout.data.form == .raw
        ? layout.data.start + row * width * layout.element.size : offsets[row]
      try window.seek(to: start)
      try window.readElements(layout.element, layout.data.form, into: target, row: row)
    }
  }

  /// Reads the numbers of these rows from each column, so that the whole array is never in memory.
  private func readColumns(
    _ layout: ArrayLayout, _ offsets: [Int], _ rows: Range<Int>,
    through window: inout ByteWindow, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PickleError) {
    var first: (row: Int, column: Int, value: String)?
    for column in 0..<layout.columns {
      let numbers = try window.column(column, of: layout, at: offsets, rows: rows)
      for (index, number) in numbers.enumerated() {
        let value = number.float
        output[index * layout.columns + column] = value
        let row = rows.lowerBound + index
        if !value.isFinite, first.map({ row < $0.row }) ?? true {
          first = (row, column, number.text)
        }
      }
    }
    guard let first else { return }
    throw PickleError(.notFinite(row: first.row, column: first.column, value: first.value))
  }
}

extension ByteWindow {
  /// Reads a part of one column of a Fortran array.
  fileprivate mutating func column(
    _ column: Int, of layout: ArrayLayout, at offsets: [Int], rows: Range<Int>
  ) throws(PickleError) -> [Number] {
    let (element, form) = (layout.element, layout.data.form)
    var numbers: [Number] = []
    if form == .raw {
      let place = layout.data.start + (column * layout.rows + rows.lowerBound) * element.size
      let bytes = try copy(rows.count * element.size, at: place)
      bytes.withUnsafeBytes { all in
        guard let start = all.baseAddress else { return }
        for index in 0..<rows.count {
          numbers.append(element.number(at: start + index * element.size))
        }
      }
      return numbers
    }
    let blocks = (layout.rows - 1) / ArrayLayout.columnBlock + 1
    let (block, before) = rows.lowerBound.quotientAndRemainder(dividingBy: ArrayLayout.columnBlock)
    try seek(to: offsets[column * blocks + block])
    try passEncoded(before * element.size, form)
    for _ in rows { numbers.append(try decodedElement(element, form)) }
    return numbers
  }
}
