extension Engine {
  /// The part of a product's result that is computed.
  enum Region {
    case everything
    /// The lower triangle with the diagonal; the numbers above the diagonal are left undefined.
    case lowerTriangle
  }

  /// Computes C += scale·A·B, or C = scale·A·B where `overwrite` is set.
  ///
  /// C is divided into tiles, and every thread sums a tile in the same order: any number of threads
  /// gives the same result, bit for bit.
  func multiply(
    _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget, scale: Float = 1,
    overwrite: Bool = false, region: Region = .everything
  ) {
    guard c.rows > 0, c.columns > 0 else { return }
    if a.columns == 0 {
      if overwrite { c.zero() }
      return
    }
    let product = Product(
      a: a, b: b, packed: nil, c: c, scale: scale, overwrite: overwrite, region: region,
      engine: self)
    workspace.exclusively { product.run() }
  }

  /// Computes C = A·B for an operand B that was packed beforehand, because many products use it.
  func multiply(_ a: MatrixView, _ b: PackedOperand, into c: MatrixTarget) {
    guard c.rows > 0, c.columns > 0, a.columns > 0 else { return }
    precondition(b.level == level && b.matrix.rows == a.columns && b.matrix.columns == c.columns)
    let product = Product(
      a: a, b: b.matrix, packed: b.memory.start, c: c, scale: 1, overwrite: true,
      region: .everything, engine: self)
    workspace.exclusively { product.run() }
  }

  /// Packs an operand B that many later products use.
  func packRight(_ b: MatrixView) -> PackedOperand {
    let tile = kernels.tileColumns
    let tiles = (b.columns + tile - 1) / tile
    let memory = FloatMemory(count: tiles * tile * b.rows)
    let start = memory.start
    let (kernels, depth) = (kernels, workspace.blocking.depth)
    team.run(tiles) { index, _ in
      for step in stride(from: 0, to: b.rows, by: depth) {
        let steps = min(depth, b.rows - step)
        kernels.pack(
          b.transposed, line: index * tile, lines: min(tile, b.columns - index * tile),
          from: step, steps: steps, scale: 1, width: tile,
          into: start + step * tiles * tile + index * tile * steps)
      }
    }
    return PackedOperand(matrix: b, memory: memory, level: level)
  }
}

extension Engine {
  /// Computes C = A·B for row-major matrices of the given sizes.
  public func product(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, rows: Int, depth: Int,
    columns: Int, into c: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(a.count >= rows * depth && b.count >= depth * columns)
    precondition(c.count >= rows * columns)
    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
    multiply(
      MatrixView(a, rows: rows, columns: depth), MatrixView(b, rows: depth, columns: columns),
      into: MatrixTarget(c, rows: rows, columns: columns), overwrite: true)
  }
}

extension MatrixTarget {
  func zero() {
    for row in 0..<rows { (start + row * stride).update(repeating: 0, count: columns) }
  }
}

/// The right operand of products in the layout of the tile kernel, for one processor level.
struct PackedOperand {
  /// The shape of the operand; the numbers must not be read here, because their memory may have
  /// been freed.
  let matrix: MatrixView
  let memory: FloatMemory
  let level: ProcessorLevel
}

extension KernelSet {
  /// Packs lines into one panel; a line is a row of A, or a column of B where the transpose of B is
  /// given.
  func pack(
    _ matrix: MatrixView, line: Int, lines: Int, from step: Int, steps: Int, scale: Float,
    width: Int, into panel: UnsafeMutablePointer<Float>
  ) {
    let start = matrix.start + line * matrix.rowStride + step * matrix.columnStride
    if matrix.columnStride == 1 {
      packRows(start, matrix.rowStride, lines, steps, scale, width, panel)
    } else {
      packColumns(start, matrix.columnStride, lines, steps, scale, width, panel)
    }
  }
}

/// One product while it is computed: blocks of rows, each in steps of depth, each in tasks over
/// columns.
private struct Product {
  let a: MatrixView
  let b: MatrixView
  let packed: UnsafeMutablePointer<Float>?
  let c: MatrixTarget
  let scale: Float
  let overwrite: Bool
  let region: Engine.Region
  let engine: Engine

  private var kernels: KernelSet { engine.kernels }
  private var blocking: Blocking { engine.workspace.blocking }

  func run() {
    var row = 0
    while row < c.rows {
      let rows = min(blocking.rows, c.rows - row)
      var step = 0
      while step < a.columns {
        let depth = min(blocking.depth, a.columns - step)
        packLeft(Block(first: row, count: rows), Block(first: step, count: depth))
        multiplyBlock(Block(first: row, count: rows), Block(first: step, count: depth))
        step += depth
      }
      row += rows
    }
  }

  struct Block {
    let first: Int
    let count: Int
  }

  /// Packs rows of A as panels of `tileRows`, with all threads.
  private func packLeft(_ rows: Block, _ steps: Block) {
    let width = kernels.tileRows
    let panels = (rows.count + width - 1) / width
    let perTask = max(1, (1 << 16) / (width * steps.count))
    let target = engine.workspace.left
    engine.team.run((panels + perTask - 1) / perTask) { task, _ in
      for panel in task * perTask..<min(panels, (task + 1) * perTask) {
        let row = rows.first + panel * width
        let lines = min(width, rows.first + rows.count - row)
        kernels.pack(
          a, line: row, lines: lines, from: steps.first, steps: steps.count, scale: scale,
          width: width,
          into: target + panel * width * steps.count)
      }
    }
  }

  /// Computes every tile in a block of rows, summed over a block of steps.
  private func multiplyBlock(_ rows: Block, _ steps: Block) {
    let tile = kernels.tileColumns
    let tiles = (c.columns + tile - 1) / tile
    let cuts = cuts(through: tiles)
    let columnTasks = cuts.count - 1
    let rowPanels = (rows.count + kernels.tileRows - 1) / kernels.tileRows
    let wantedRowTasks = min(8 * engine.team.count / columnTasks, rowPanels / 64)
    let rowTasksAtMost = engine.team.count == 1 ? 1 : max(1, wantedRowTasks)
    let rowsPerTask = (rowPanels + rowTasksAtMost - 1) / rowTasksAtMost
    let rowTasks = (rowPanels + rowsPerTask - 1) / rowsPerTask

    let operations = 2 * rows.count * steps.count * c.columns
    engine.team.run(columnTasks * rowTasks, operations: operations) { task, worker in
      let column = cuts[task / rowTasks] * tile
      let end = min(cuts[task / rowTasks + 1] * tile, c.columns)
      let columns = Block(first: column, count: end - column)
      let panel = (task % rowTasks) * rowsPerTask
      let panels = Block(first: panel, count: min(rowsPerTask, rowPanels - panel))
      multiplyTiles(rows, panels, columns, steps, worker)
    }
  }

  /// Finds where tasks over columns begin, in tiles, and where the last task ends.
  ///
  /// Wide tasks keep packing cheap and use a panel of A for many tiles. With several threads, tasks
  /// become narrower towards the end, so that all threads end together.
  private func cuts(through tiles: Int) -> [Int] {
    let widest = blocking.columns / kernels.tileColumns
    let threads = engine.team.count
    if threads == 1 {
      let tasks = (tiles + widest - 1) / widest
      return (0...tasks).map { $0 * tiles / tasks }
    }
    var cuts = [0]
    var left = tiles
    while left > 0 {
      let fair = (left + 2 * threads - 1) / (2 * threads)
      left -= min(left, widest, max(2, fair))
      cuts.append(tiles - left)
    }
    return cuts
  }

  private func multiplyTiles(
    _ rows: Block, _ panels: Block, _ columns: Block, _ steps: Block, _ worker: Int
  ) {
    let (tileRows, tileColumns) = (kernels.tileRows, kernels.tileColumns)
    let lastRow = min(
      rows.first + rows.count, rows.first + (panels.first + panels.count) * tileRows)
    if region == .lowerTriangle && columns.first >= lastRow { return }
    let right = rightPanels(columns, steps, worker)
    for panel in panels.first..<panels.first + panels.count {
      let row = rows.first + panel * tileRows
      let height = min(tileRows, rows.first + rows.count - row)
      let left = engine.workspace.left + panel * tileRows * steps.count
      var column = 0
      while column < columns.count {
        let first = columns.first + column
        if region == .lowerTriangle && first >= row + height { break }
        multiplyTile(
          left, right + column * steps.count, steps,
          row: row, height: height, column: first,
          width: min(tileColumns, columns.count - column), worker)
        column += tileColumns
      }
    }
  }

  /// Returns panels of B for some columns: panels that were packed beforehand, or panels that are
  /// packed now for this worker.
  private func rightPanels(
    _ columns: Block, _ steps: Block, _ worker: Int
  ) -> UnsafePointer<Float> {
    let tile = kernels.tileColumns
    if let packed {
      let tiles = (c.columns + tile - 1) / tile
      return UnsafePointer(packed + steps.first * tiles * tile + columns.first * steps.count)
    }
    let right = engine.workspace.right(worker)
    // A few rows of B at a time, for all panels, because each row is in a page of its own.
    for step in stride(from: 0, to: steps.count, by: 32) {
      for column in stride(from: 0, to: columns.count, by: tile) {
        kernels.pack(
          b.transposed, line: columns.first + column, lines: min(tile, columns.count - column),
          from: steps.first + step, steps: min(32, steps.count - step), scale: 1, width: tile,
          into: right + column * steps.count + step * tile)
      }
    }
    return UnsafePointer(right)
  }

  private func multiplyTile(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ steps: Block,
    row: Int, height: Int, column: Int, width: Int, _ worker: Int
  ) {
    let first = overwrite && steps.first == 0
    let target = c.start + row * c.stride + column
    if height == kernels.tileRows && width == kernels.tileColumns {
      kernels.gemmTile(steps.count, left, right, first, target, c.stride)
    } else {
      let edge = engine.workspace.edge(worker)
      kernels.gemmTile(steps.count, left, right, true, edge, kernels.tileColumns)
      kernels.moveBlock(edge, kernels.tileColumns, height, width, first, target, c.stride)
    }
  }
}
