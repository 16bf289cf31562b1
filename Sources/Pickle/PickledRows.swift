internal import Bounds

/// The vectors of a pickle; their number and their widths are known at once, and their values are
/// read on request.
///
/// Opening a pickle reads the whole file, checks all rules and records the place of each row's
/// numbers, about sixteen bytes for each row; nothing in the file is imported, called or built.
/// When rows are read, each number becomes the nearest Float32, ties to even, as in NumPy's
/// `astype`. Several tasks may read rows at the same time.
public struct PickledRows: Sendable {
  enum Storage: Sendable {
    case rows([Row])
    /// One two-dimensional array; where its data are text, also the offset of each row, or of each
    /// block of a column.
    case matrix(ArrayLayout, offsets: [Int])
  }

  let source: any PickleSource
  let limits: PickleLimits
  let storage: Storage
  /// The one-dimensional arrays whose data are encoded as text.
  let encoded: [ArrayLayout]
  /// The short rows that are kept by value.
  let kept: [[Number]]
  /// The memo entries that rows may read when they are run again.
  let memo: FrozenMemo

  /// Checks the whole pickle; takes `O(file)` time, and about sixteen bytes of memory for each row.
  public init(
    source: any PickleSource, limits: PickleLimits = PickleLimits()
  ) throws(PickleError) {
    try self.init(source: source, limits: limits, takesRuns: true)
  }

  init(source: any PickleSource, limits: PickleLimits, takesRuns: Bool) throws(PickleError) {
    var machine = Machine(source, mode: .rows, limits: limits, takesRuns: takesRuns)
    try self.init(running: &machine, source: source, limits: limits)
  }

  init(
    running machine: inout Machine, source: any PickleSource, limits: PickleLimits
  ) throws(PickleError) {
    let result = try machine.run()
    do throws(PickleError) {
      storage = try machine.storage(of: result)
    } catch {
      throw PickleError(error.kind, at: error.offset)
    }
    self.source = source
    self.limits = limits
    encoded = machine.encoded
    kept = machine.kept
    memo = storage.needsReplay ? FrozenMemo(machine.memo) : FrozenMemo()
  }

  /// The number of vectors.
  public var rowCount: Int {
    switch storage {
    case .rows(let rows): rows.count
    case .matrix(let layout, _): layout.rows
    }
  }

  /// Returns the width of one vector: the count of its numbers.
  public func width(ofRow row: Int) -> Int {
    switch storage {
    case .rows(let rows): rows[row].count
    case .matrix(let layout, _): layout.columns
    }
  }

  /// The first row whose width differs from that of row 0, nil where all widths are equal;
  /// `O(rows)`.
  public var firstDeviatingRow: Int? {
    guard case .rows(let rows) = storage, let width = rows.first?.count else { return nil }
    return rows.firstIndex { $0.count != width }
  }

  /// The width that all rows have, nil where widths differ or where there are no rows; `O(rows)`.
  public var uniformWidth: Int? {
    guard rowCount > 0, firstDeviatingRow == nil else { return nil }
    return width(ofRow: 0)
  }
}

extension PickledRows.Storage {
  var needsReplay: Bool {
    if case .rows(let rows) = self { return rows.contains { $0.kind == .replay } }
    return false
  }
}

extension Machine {
  /// Interprets the pickle's value as rows, or refuses it.
  mutating func storage(of item: Item) throws(PickleError) -> PickledRows.Storage {
    switch item {
    case .array(let node): return try matrix(node)
    case .sequence(let node):
      switch node.content {
      case .rows(let rows): return .rows(rows)
      case .numbers(let run):
        throw PickleError(.notRows("it is a single \(node.shape) of \(run.count) numbers"))
      case .items(let items):
        if let first = items.first, first.isNumber {
          throw PickleError(.notRows("it is a single \(node.shape) of numbers"))
        }
        var rows: [Row] = []
        for item in items { rows.append(try row(item, number: rows.count)) }
        return .rows(rows)
      }
    default: throw PickleError(.notRows("it is \(item.what)"))
    }
  }

  private mutating func matrix(_ node: ArrayNode) throws(PickleError) -> PickledRows.Storage {
    guard let layout = node.layout, layout.dimensions == 2 else {
      let dimensions = node.layout.map { "with \($0.dimensions) axes, not 2" } ?? "without data"
      throw PickleError(.notRows("it is an array \(dimensions)"))
    }
    guard layout.rows > 0 else { return .rows([]) }
    guard layout.columns > 0 else { throw PickleError(.notRows("row 0 is empty")) }
    try count(cells: layout.columns, times: layout.rows)
    return .matrix(layout, offsets: try rowOffsets(layout))
  }

  /// Finds the offsets of the rows of an array whose data are text; for a Fortran array, the
  /// offsets of the blocks of each column.
  ///
  /// Returns an empty list where the data are not text.
  private mutating func rowOffsets(_ layout: ArrayLayout) throws(PickleError) -> [Int] {
    guard layout.data.form != .raw else { return [] }
    guard layout.rows <= limits.textRows else {
      throw PickleError(
        .limit("an array of \(layout.rows) rows, of which at most \(limits.textRows) can be used"))
    }
    let (lines, width) =
      layout.isFortran ? (layout.columns, layout.rows) : (layout.rows, layout.columns)
    let block = layout.isFortran ? ArrayLayout.columnBlock : width
    try spend(lines.multipliedSaturated(by: 16 * ((width - 1) / block + 1)))
    var offsets: [Int] = []
    try window.seek(to: layout.data.start)
    for _ in 0..<lines {
      for first in stride(from: 0, to: width, by: block) {
        offsets.append(window.offset)
        try window.passEncoded(
          min(block, width - first) * layout.element.size, layout.data.form)
      }
    }
    return offsets
  }
}
